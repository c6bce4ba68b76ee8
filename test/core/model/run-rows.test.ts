import { describe, expect, it } from '@jest/globals';
import { bindNames, type NameBinding } from '../../../src/core/model/bind-names.js';
import { describeNonFinite, layOverOutputs } from '../../../src/core/model/model-outputs.js';
import { runRows } from '../../../src/core/model/run-rows.js';
import type { ModelSession } from '../../../src/core/model/session.js';
import { readOnnxGraph } from '../../../src/core/onnx/read-graph.js';
import { type NdArray, wrapNdArray } from '../../../src/core/tensor/ndarray.js';
import type { Fields, Geometry, Value } from '../../../src/core/tensor/value.js';
import { identityModel } from '../../support/tiny-onnx.js';

const graph = readOnnxGraph(identityModel(['batch', 'x', 'y', 'z']));
const binding = bindNames(
  { inputs: [], outputs: [], model_input_list: ['image'], model_output_list: ['prediction'] },
  graph,
);
const cube = (fill: number): NdArray => wrapNdArray('float32', [1, 1, 1, 2], Float32Array.of(fill, fill));
const feed = (fill: number): Map<string, NdArray> => new Map([['image', cube(fill)]]);

/** A session that doubles; a number below zero makes it fail. */
function doublingSession(calls: number[]): ModelSession {
  return {
    run: async (feeds) => {
      const array = feeds.get('image')!;
      calls.push(array.shape[0]!);
      const data = (array.data as Float32Array).map((value) => 2 * value);
      if (data.some((value) => value < 0)) throw new Error('negative');
      return new Map([['prediction', { ...array, data }]]);
    },
    release: async () => undefined,
  };
}

describe('the rows of a batch', () => {
  it('run at once where their shapes are equal', async () => {
    const calls: number[] = [];
    const rows = await runRows({ session: doublingSession(calls), graph, feeds: [feed(1), feed(2), feed(3)] });
    expect(calls).toEqual([3]);
    expect(rows.map(({ outputs }) => outputs!.get('prediction')!.data[0])).toEqual([2, 4, 6]);
  });

  it('run one by one when the batch fails, and only the guilty one fails then', async () => {
    const calls: number[] = [];
    const rows = await runRows({ session: doublingSession(calls), graph, feeds: [feed(1), feed(-2), feed(3)] });
    expect(calls).toEqual([3, 1, 1, 1]);
    expect(rows.map(({ outputs, error }) => outputs?.get('prediction')?.data[0] ?? (error as Error).message)).toEqual([
      2,
      'negative',
      6,
    ]);
  });

  it('are none when there are none', async () => {
    expect(await runRows({ session: doublingSession([]), graph, feeds: [] })).toEqual([]);
  });
});

describe('the outputs of a model', () => {
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const geometry: Geometry = {
    affine,
    spatialAxes: [1, 2, 3],
    original: { shape: [1, 1, 2], affine, source: 'array' },
  };
  const image: Value = { kind: 'array', array: cube(1), geometry };
  const lay = (inputs: Fields, array: NdArray): Fields =>
    layOverOutputs({ inputs, outputs: new Map([['prediction', array]]), binding });

  it('inherit the geometry of the only spatial input when they lie on its grid', () => {
    const channels = wrapNdArray('float32', [4, 1, 1, 2], new Float32Array(8));
    expect(lay(new Map([['image', image]]), channels).get('prediction')).toMatchObject({ geometry });
    const smaller = wrapNdArray('float32', [4, 1, 1, 1], new Float32Array(4));
    expect(lay(new Map([['image', image]]), smaller).get('prediction')).not.toHaveProperty('geometry');
    const classes = wrapNdArray('float32', [1, 2], new Float32Array(2));
    expect(lay(new Map([['image', image]]), classes).get('prediction')).not.toHaveProperty('geometry');
  });

  it('inherit the geometry that several spatial inputs share, and none when these lie apart', () => {
    const both: NameBinding = { ...binding, inputs: [...binding.inputs, { ...binding.inputs[0]!, field: 't2' }] };
    const layBoth = (t2: Value) =>
      layOverOutputs({
        inputs: new Map([
          ['image', image],
          ['t2', t2],
        ]),
        outputs: new Map([['prediction', cube(2)]]),
        binding: both,
      }).get('prediction');
    const moved = (mm: number): Geometry => ({
      ...geometry,
      affine: affine.map((entry, n) => entry + (n === 3 ? mm : 0)),
    });
    const longer = wrapNdArray('float32', [1, 1, 1, 3], new Float32Array(3));
    expect(layBoth({ kind: 'array', array: cube(3), geometry: moved(0.0005) })).toMatchObject({ geometry });
    expect(layBoth({ kind: 'plain', value: 63 })).toMatchObject({ geometry });
    expect(layBoth({ kind: 'array', array: cube(3), geometry: moved(0.01) })).not.toHaveProperty('geometry');
    expect(layBoth({ kind: 'array', array: longer, geometry })).not.toHaveProperty('geometry');
    const turned: Geometry = { ...geometry, spatialAxes: [2, 1, 3] };
    expect(layBoth({ kind: 'array', array: cube(3), geometry: turned })).not.toHaveProperty('geometry');
  });

  it('give way to an input of the same name', () => {
    const kept: Value = { kind: 'plain', value: 'mine' };
    const inputs: Fields = new Map([['image', image]]);
    const fields = lay(inputs.set('prediction', kept), cube(2));
    expect([...fields.keys()]).toEqual(['prediction', 'image']);
    expect(fields.get('prediction')).toBe(kept);
  });

  it('tell how many of their numbers are none', () => {
    const array = wrapNdArray('float32', [1, 1, 1, 6], Float32Array.of(0, Number.NaN, 1, Infinity, -Infinity, 2));
    expect(describeNonFinite(new Map([['prediction', array]]), binding)).toBe('prediction=3');
    expect(describeNonFinite(new Map([['prediction', cube(3e38)]]), binding)).toBe('');
  });
});
