import { describe, expect, it } from '@jest/globals';
import type { EisenError } from '../../../src/core/errors/error.js';
import { bindNames } from '../../../src/core/model/bind-names.js';
import { explainFailure } from '../../../src/core/model/explain-failure.js';
import { feedTensors } from '../../../src/core/model/feed-tensors.js';
import { runError } from '../../../src/core/model/session.js';
import { readOnnxGraph } from '../../../src/core/onnx/read-graph.js';
import { createNdArray, type NdArray } from '../../../src/core/tensor/ndarray.js';
import type { Fields } from '../../../src/core/tensor/value.js';
import { encodeTinyModel, identityModel, intAttribute } from '../../support/tiny-onnx.js';

const bindingOf = (model: Uint8Array) => bindNames({ inputs: [], outputs: [] }, readOnnxGraph(model));
const fieldsOf = (shapes: Record<string, number[]>): Fields =>
  new Map(
    Object.entries(shapes).map(([name, shape]) => [name, { kind: 'array', array: createNdArray('float32', shape) }]),
  );

/** Two scans behind one another along the first axis. */
const joining = (t1: (number | string)[], flair: (number | string)[]): Uint8Array =>
  encodeTinyModel({
    inputs: [
      { name: 't1', shape: t1 },
      { name: 'flair', shape: flair },
    ],
    outputs: [{ name: 'both', shape: ['n', 'both'] }],
    nodes: [{ op: 'Concat', inputs: ['t1', 'flair'], outputs: ['both'], attributes: [intAttribute('axis', 0)] }],
  });

describe('an input without a voxel', () => {
  const shapes = (t1: number[], flair: number[]) => fieldsOf({ t1, flair });

  it.each([[[0, 3]], [[2, 0]]])('%j beside one that has some is refused and not silently ignored', async (shape) => {
    const binding = bindingOf(joining(['n', 'x'], ['m', 'y']));
    await expect(feedTensors(shapes([2, 3], shape), binding)).rejects.toMatchObject({
      code: 'MODEL_INPUT',
      message: `flair: shape is [${shape.join(', ')}], which holds no value, beside scans that do.`,
      details: { hint: expect.stringContaining('after pre-processing') },
    });
  });

  it('is taken where it is the only one, as an empty array always was: the answer is empty, too', async () => {
    const binding = bindingOf(identityModel(['batch', 'x', 'y']));
    expect((await feedTensors(fieldsOf({ image: [1, 0, 4] }), binding)).get('image')!.shape).toEqual([1, 0, 4]);
  });

  it('is taken beside a factor: only another scan makes it a lost one', async () => {
    const binding = bindingOf(joining(['n', 'x'], []));
    expect((await feedTensors(shapes([0, 3], []), binding)).get('t1')!.shape).toEqual([0, 3]);
  });

  it('is taken where all are empty, and where the graph declares an empty axis', async () => {
    const all = await feedTensors(shapes([0, 3], [0, 3]), bindingOf(joining(['n', 'x'], ['m', 'y'])));
    expect(all.size).toBe(2);
    const declared = await feedTensors(shapes([2, 3], [0, 3]), bindingOf(joining(['n', 'x'], [0, 'y'])));
    expect(declared.get('flair')!.shape).toEqual([0, 3]);
  });
});

describe('a shape that the model does not take is told with the next step', () => {
  it.each([
    [[1, 1, 4, 4, 4, 2], /SelectChannel/],
    [[4, 4, 4], /AddBatchDimension/],
    [[1, 1, 4, 4, 5], /CropOrPad/],
  ])('for %j', async (shape, hint) => {
    const binding = bindingOf(identityModel(['n', 1, 4, 4, 4]));
    await expect(feedTensors(fieldsOf({ image: shape }), binding)).rejects.toMatchObject({
      code: 'MODEL_INPUT',
      message: `image: shape is [${shape.join(', ')}]; expected [-1, 1, 4, 4, 4].`,
      details: { hint: expect.stringMatching(hint) },
    });
  });
});

describe('a colour picture for a model of grey ones', () => {
  it.each([[[1, 1, 8, 8, 3]], [[1, 3, 8, 8]], [[1, 4, 8, 8]]])('of shape %j is told as one', async (shape) => {
    const run = feedTensors(fieldsOf({ image: shape }), bindingOf(identityModel(['n', 1, 8, 8])));
    const details = { hint: expect.stringMatching(/colour picture.*grey.*SelectChannel/) };
    await expect(run).rejects.toMatchObject({ code: 'MODEL_INPUT', details });
  });

  it.each([
    [
      [1, 1, 8, 8, 12],
      ['n', 1, 8, 8],
    ],
    [
      [1, 3, 8, 9],
      ['n', 3, 8, 8],
    ],
  ])('is not suspected in %j for %j', async (shape, wanted) => {
    const run = feedTensors(fieldsOf({ image: shape }), bindingOf(identityModel(wanted)));
    const details = { hint: expect.not.stringContaining('colour') };
    await expect(run).rejects.toMatchObject({ code: 'MODEL_INPUT', details });
  });
});

describe('a model that fails on the shapes of its inputs', () => {
  const feeds = new Map<string, NdArray>([
    ['t1', createNdArray('float32', [2, 20])],
    ['flair', createNdArray('float32', [2, 48])],
  ]);

  it('names every input with its shape instead of blaming itself, exit code 3 and status 500', () => {
    const said =
      'Non-zero status code returned while running Concat node. Axis 1 has mismatched dimensions of 48 and 20';
    const binding = bindingOf(joining(['n', 'x'], ['m', 'y']));
    expect(explainFailure({ error: runError(new Error(said)), feeds, binding })).toMatchObject({
      code: 'MODEL_SHAPES',
      httpStatus: 500,
      exitCode: 3,
      message: expect.stringMatching(/^The model failed on t1 \[2, 20\], flair \[2, 48\]: .*Concat/),
      details: { hint: expect.stringContaining('ResampleToReference') },
    });
  });

  it('names the axis that the graph calls by one name, whatever the engine says', () => {
    const binding = bindingOf(joining(['n', 'x'], ['m', 'x']));
    const failure = explainFailure({ error: runError(new Error('no')), feeds, binding }) as EisenError;
    expect(failure.message).toBe("The model failed on t1 [2, 20], flair [2, 48] (axis 'x' differs): no");
  });

  it('hints at the lengths where there is one input, and leaves other failures as they are', () => {
    const binding = bindingOf(identityModel(['n', 'x']));
    const single = new Map([['image', createNdArray('float32', [2, 20])]]);
    const explain = (error: unknown) => explainFailure({ error, feeds: single, binding });
    expect(explain(runError(new Error('Attempting to broadcast an axis')))).toMatchObject({
      code: 'MODEL_SHAPES',
      details: { hint: expect.stringContaining('PadToMultiple') },
    });
    for (const error of [runError(new Error('a kernel broke')), runError(new Error('bad_alloc')), new Error('shape')]) {
      expect(explain(error)).toBe(error);
    }
  });
});
