import { describe, expect, it } from '@jest/globals';
import type { Metadata } from '../../../src/core/metadata/metadata.js';
import { isBatchable, joinRows, splitRows } from '../../../src/core/model/batch-axis.js';
import { bindNames } from '../../../src/core/model/bind-names.js';
import { feedTensors } from '../../../src/core/model/feed-tensors.js';
import { checkGraph } from '../../../src/core/model/model-files.js';
import { arrayToPlain, plainToArray } from '../../../src/core/model/plain-array.js';
import { asksForMetadata, declaredOutputs, keepDeclaredInputs } from '../../../src/core/model/request-fields.js';
import { readOnnxGraph } from '../../../src/core/onnx/read-graph.js';
import { createNdArray, type NdArray, wrapNdArray } from '../../../src/core/tensor/ndarray.js';
import type { Fields, Value } from '../../../src/core/tensor/value.js';
import { codeOf, codeOfAsync } from '../../support/codes.js';
import { encodeTinyModel, type TinyValue } from '../../support/tiny-onnx.js';

function graphOf(inputs: TinyValue[], outputs: TinyValue[]) {
  const nodes = outputs.map(({ name }, n) => ({
    op: 'Identity',
    inputs: [inputs[n % inputs.length]!.name],
    outputs: [name],
  }));
  return readOnnxGraph(encodeTinyModel({ inputs, outputs, nodes }));
}
const describeAll = (names: string[]): Metadata['inputs'] =>
  names.map((name) => ({ name, type: 'ndarray', shape: [-1] }));
const metadataOf = (inputs: string[], outputs: string[], lists: Partial<Metadata> = {}): Metadata => ({
  ...{ inputs: describeAll(inputs), outputs: describeAll(outputs) },
  ...lists,
});
const value = (array: NdArray): Value => ({ kind: 'array', array });
const PLAIN: Value = { kind: 'plain', value: 1 };

describe('which field feeds which input', () => {
  const graph = graphOf(
    [
      { name: 'a', shape: ['n'] },
      { name: 'b', shape: ['n'] },
    ],
    [
      { name: 'x', shape: ['n'] },
      { name: 'y', shape: ['n'] },
    ],
  );
  const pairs = (metadata: Metadata) => {
    const { inputs, outputs, warnings } = bindNames(metadata, graph);
    return [
      inputs.map(({ field, value: { name } }) => field + name),
      outputs.map(({ field, value: { name } }) => field + name),
      warnings.length,
    ];
  };

  it.each([
    ['by name, in any order', metadataOf(['b', 'a'], ['y', 'x']), [['bb', 'aa'], ['yy', 'xx'], 0]],
    ['by position with a warning', metadataOf(['p', 'q'], ['r']), [['pa', 'qb'], ['rx'], 2]],
    [
      'the lists win over the descriptions',
      metadataOf(['raw'], ['out'], { model_input_list: ['a', 'b'], model_output_list: ['x'] }),
      [['aa', 'bb'], ['xx'], 0],
    ],
    ['the graph itself when nothing is described', metadataOf([], []), [['aa', 'bb'], ['xx', 'yy'], 0]],
  ])('%s', (_name, metadata, expected) => {
    expect(pairs(metadata)).toEqual(expected);
  });

  it.each([
    ['one name of two is known', metadataOf(['a', 'q'], ['x'])],
    ['the counts differ', metadataOf(['p'], ['x'])],
    ['there are more outputs than the graph has', metadataOf(['a', 'b'], ['r', 's', 't'])],
  ])('refuses to guess when %s', (_name, metadata) => {
    expect(codeOf(() => bindNames(metadata, graph))).toBe('MODEL_LOAD_FAILED');
  });
});

describe('what the model is fed', () => {
  const graph = graphOf([{ name: 'a', shape: ['n', 2] }], [{ name: 'x', shape: ['n', 2] }]);
  const binding = bindNames(metadataOf(['a'], ['x']), graph);
  const feed = async (given: Value): Promise<NdArray> =>
    (await feedTensors(new Map([['a', given]]), binding)).get('a')!;

  it('is cast to the dtype of the graph, whatever the dtype that came', async () => {
    expect((await feed(value(wrapNdArray('int16', [1, 2], Int16Array.of(-1, 2))))).data).toEqual(
      Float32Array.of(-1, 2),
    );
    expect((await feed(value(wrapNdArray('float64', [1, 2], Float64Array.of(0.1, 2))))).data).toEqual(
      Float32Array.of(0.1, 2),
    );
    expect((await feed({ kind: 'plain', value: [[1, 2]] })).dtype).toBe('float32');
    const image: Value = {
      kind: 'image',
      form: 'itk',
      array: wrapNdArray('uint8', [1, 2], Uint8Array.of(1, 2)),
      scaling: { slope: 2, intercept: 1 },
    };
    expect((await feed(image)).data).toEqual(Float32Array.of(3, 5));
  });

  it.each([
    ['a missing field', new Map()],
    ['another rank', new Map([['a', value(createNdArray('float32', [2]))]])],
    ['another length of a fixed axis', new Map([['a', value(createNdArray('float32', [1, 3]))]])],
    ['text', new Map([['a', { kind: 'plain', value: 'x' }]])],
  ] as [string, Fields][])('is refused for %s', async (_name, fields) => {
    expect(await codeOfAsync(feedTensors(fields, binding))).toBe('MODEL_INPUT');
  });

  it('is refused for a file that is no image', async () => {
    expect(await codeOfAsync(feed({ kind: 'file', bytes: Buffer.from('no image at all') }))).toBe('IMAGE_FORMAT');
  });
});

describe('the fields of a request', () => {
  const metadata = metadataOf(['a', 'b'], ['x', 'y'], { model_input_list: ['a', 'm'] });
  const have = (...names: string[]): Fields => new Map(names.map((name) => [name, PLAIN]));

  it('ask for the metadata when a model input and a declared input are missing', () => {
    expect(asksForMetadata(have('other'), metadata)).toBe(true);
    expect(asksForMetadata(have('a', 'b'), metadata)).toBe(false);
    expect(asksForMetadata(have('a', 'm'), metadata)).toBe(false);
    expect(asksForMetadata(have(), metadataOf([], []))).toBe(false);
  });

  it('are kept in their declared order, others dropped, an absent one named', () => {
    expect([...keepDeclaredInputs(have('z', 'b', 'a'), metadata).keys()]).toEqual(['a', 'b']);
    expect(codeOf(() => keepDeclaredInputs(have('a'), metadata))).toBe('MODEL_INPUT');
    expect([...keepDeclaredInputs(have('z'), metadataOf([], [])).keys()]).toEqual(['z']);
  });

  it('leave exactly the declared outputs', () => {
    expect([...declaredOutputs(have('a', 'y', 'x'), metadata).keys()]).toEqual(['x', 'y']);
    expect(codeOf(() => declaredOutputs(have('x'), metadata))).toBe('OUTPUT_MISSING');
    expect([...declaredOutputs(have('q'), metadataOf([], [])).keys()]).toEqual(['q']);
  });
});

describe('rows as one batch', () => {
  const graph = graphOf([{ name: 'a', shape: ['n', 2] }], [{ name: 'x', shape: ['n', 2] }]);
  const rowOf = (...numbers: number[]) =>
    new Map([['a', wrapNdArray('float32', [numbers.length / 2, 2], Float32Array.from(numbers))]]);

  it('are joined along the first axis and split again', () => {
    const joined = joinRows([rowOf(1, 2), rowOf(3, 4), rowOf(5, 6)], graph)!;
    expect(joined.feeds.get('a')).toMatchObject({ shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
    const parts = splitRows(joined.feeds, joined)!;
    expect(parts.map((part) => [...part.get('a')!.data])).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  it('are not joined when shapes differ, and not split when the model changed their number', () => {
    expect(joinRows([rowOf(1, 2), rowOf(1, 2, 3, 4)], graph)).toBeNull();
    const joined = joinRows([rowOf(1, 2), rowOf(3, 4)], graph)!;
    expect(splitRows(new Map([['x', createNdArray('float32', [1, 2])]]), joined)).toBeNull();
  });

  it.each([
    ['a fixed first axis', [{ name: 'a', shape: [1, 2] }], [{ name: 'x', shape: [1, 2] }]],
    ['first axes of two names', [{ name: 'a', shape: ['n', 2] }], [{ name: 'x', shape: ['m', 2] }]],
    ['a scalar output', [{ name: 'a', shape: ['n', 2] }], [{ name: 'x', shape: [] }]],
  ])('are not joined for a graph with %s', (_name, inputs, outputs) => {
    expect(isBatchable(graphOf(inputs, outputs))).toBe(false);
  });
});

describe('nested lists', () => {
  it.each([
    ['[[1,2],[3,4]]', 'int64', [2, 2]],
    ['[1,2.5]', 'float64', [2]],
    ['[true,false]', 'bool', [2]],
    ['[[],[]]', 'float64', [2, 0]],
    ['7', 'int64', []],
  ])('%s are an array of %s', (text, dtype, shape) => {
    expect(plainToArray(JSON.parse(text), 'x')).toMatchObject({ dtype, shape });
  });

  it.each(['[[1],[2,3]]', '["a"]', '[null]', '[[1],2]', '{}'])('%s are none', (text) => {
    expect(codeOf(() => plainToArray(JSON.parse(text), 'x'))).toBe('MODEL_INPUT');
  });

  it('are what an array becomes, in its own order', () => {
    const c = wrapNdArray('int16', [2, 2], Int16Array.of(1, 2, 3, 4), 'F');
    expect(arrayToPlain(c)).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(arrayToPlain(wrapNdArray('bool', [2], Uint8Array.of(0, 1)))).toEqual([false, true]);
    expect(arrayToPlain(wrapNdArray('float16', [2], Uint16Array.of(0x3c00, 0x7c00)))).toEqual([1, null]);
    expect(arrayToPlain(wrapNdArray('int64', [2], BigInt64Array.of(5n, 2n ** 60n)))).toEqual([
      5,
      '1152921504606846976',
    ]);
  });
});

describe('a graph before any engine sees it', () => {
  it('is refused for operators of an unknown domain', () => {
    const graph = readOnnxGraph(
      encodeTinyModel({
        inputs: [{ name: 'a', shape: [1] }],
        outputs: [{ name: 'x', shape: [1] }],
        nodes: [{ op: 'Evil', inputs: ['a'], outputs: ['x'], domain: 'com.evil' }],
      }),
    );
    expect(codeOf(() => checkGraph(graph, 'model.onnx'))).toBe('ONNX_INVALID');
  });
});
