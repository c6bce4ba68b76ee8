import { describe, expect, it } from '@jest/globals';
import { wrapBytes } from '../../../src/core/files/byte-source.js';
import { relocateExternalData, splitWeights } from '../../../src/core/onnx/external-data.js';
import { readOnnxGraph } from '../../../src/core/onnx/read-graph.js';
import { isRange, type RewrittenPiece } from '../../../src/core/onnx/rewrite-tensors.js';
import { encodeField } from '../../../src/core/onnx/wire-write.js';
import { addModel, encodeAttribute, encodeGraph, encodeTensor, encodeTinyModel } from '../../support/tiny-onnx.js';

function collect(pieces: readonly RewrittenPiece[], source: Uint8Array): Buffer {
  return Buffer.concat(pieces.map((piece) => (isRange(piece) ? source.subarray(piece.start, piece.end) : piece)));
}

const rawFloats = (count: number, value: number): Uint8Array =>
  new Uint8Array(new Float32Array(count).fill(value).buffer);

/** Three initializers: below the threshold, small, and larger than a page. */
const MODEL = encodeTinyModel({
  inputs: [{ name: 'image', shape: [4] }],
  outputs: [{ name: 'out', shape: [4] }],
  nodes: [{ op: 'Add', inputs: ['image', 'tiny'], outputs: ['out'] }],
  initializers: [
    { name: 'tiny', dims: [4], raw: rawFloats(4, 1) },
    { name: 'small', dims: [300], raw: rawFloats(300, 2) },
    { name: 'large', dims: [100, 200], raw: rawFloats(20_000, 3) },
  ],
});

const EXTERNAL = { location: 'weights.bin', base: 0, bytes: 1_000_000 };

describe('splitWeights', () => {
  const split = splitWeights(wrapBytes(MODEL), 'weights.bin');
  const graphBytes = collect(split.graph, MODEL);
  const weights = collect(split.weights, MODEL);

  it('leaves a graph that says the same and holds only the small weights', () => {
    const [before, after] = [readOnnxGraph(MODEL), readOnnxGraph(graphBytes)];
    expect({ ...after, initializers: [], externalData: [] }).toEqual({ ...before, initializers: [], externalData: [] });
    expect(after.initializers.map(({ name, dims, inlineBytes }) => [name, dims, inlineBytes])).toEqual([
      ['tiny', [4], 16],
      ['small', [300], 0],
      ['large', [100, 200], 0],
    ]);
  });

  it('points to offsets that count from the start of the weights, large tensors on a page of their own', () => {
    expect(readOnnxGraph(graphBytes).externalData).toEqual([
      { tensor: 'small', location: 'weights.bin', offset: 0, length: 1200 },
      { tensor: 'large', location: 'weights.bin', offset: 4096, length: 80_000 },
    ]);
  });

  it('keeps every number', () => {
    expect(weights.length).toBe(split.weightsBytes);
    expect(weights.subarray(0, 1200).equals(Buffer.from(rawFloats(300, 2)))).toBe(true);
    expect(weights.subarray(4096, 84_096).equals(Buffer.from(rawFloats(20_000, 3)))).toBe(true);
  });

  it('gives a model without large weights back as it is', () => {
    const model = addModel(8);
    const { graph, weightsBytes } = splitWeights(wrapBytes(model), 'weights.bin');
    expect(collect(graph, model).equals(Buffer.from(model))).toBe(true);
    expect(weightsBytes).toBe(0);
  });
});

describe('relocateExternalData', () => {
  const graphBytes = collect(splitWeights(wrapBytes(MODEL), 'weights.bin').graph, MODEL);

  it('adds where the file lies and names the new file', () => {
    const moved = relocateExternalData(graphBytes, () => ({ location: 'brain.mar', base: 8192, bytes: 84_096 }));
    expect(readOnnxGraph(moved).externalData).toEqual([
      { tensor: 'small', location: 'brain.mar', offset: 8192, length: 1200 },
      { tensor: 'large', location: 'brain.mar', offset: 12_288, length: 80_000 },
    ]);
    expect(readOnnxGraph(moved).inputs).toEqual(readOnnxGraph(MODEL).inputs);
  });

  it('states the length where the graph left it out', () => {
    const graph = encodeTinyModel({
      inputs: [],
      outputs: [],
      nodes: [],
      initializers: [{ name: 'w', dims: [2, 3], external: { location: 'w.bin', offset: '100' } }],
    });
    expect(readOnnxGraph(relocateExternalData(graph, () => EXTERNAL)).externalData[0]).toMatchObject({
      offset: 100,
      length: 24,
    });
  });

  it('reaches constants in subgraphs', () => {
    const tensor = encodeTensor({ name: 'c', dims: [4], external: { location: 'c.bin', offset: '0', length: '16' } });
    const constant = {
      op: 'Constant',
      inputs: [],
      outputs: ['c'],
      attributes: [encodeAttribute('value', [encodeField(5, tensor)], 4)],
    };
    const body = encodeGraph({ inputs: [], outputs: [], nodes: [constant] });
    const attributes = [encodeAttribute('then_branch', [encodeField(6, body)], 5)];
    const graph = encodeTinyModel({
      inputs: [],
      outputs: [],
      nodes: [{ op: 'If', inputs: [], outputs: [], attributes }],
    });
    const moved = readOnnxGraph(relocateExternalData(graph, () => ({ ...EXTERNAL, location: 'brain.mar', base: 64 })));
    expect(moved.externalData).toEqual([{ tensor: 'c', location: 'brain.mar', offset: 64, length: 16 }]);
  });

  it.each<[string, Record<string, string>, number]>([
    ['reaches past the file', { location: 'w.bin', offset: '10', length: '24' }, 33],
    ['is shorter than its shape', { location: 'w.bin', offset: '0', length: '20' }, 100],
    ['has no length and needs more than is left', { location: 'w.bin', offset: '90' }, 100],
  ])('refuses data that %s', (_title, external, bytes) => {
    const graph = encodeTinyModel({
      inputs: [],
      outputs: [],
      nodes: [],
      initializers: [{ name: 'w', dims: [6], external }],
    });
    expect(() => relocateExternalData(graph, () => ({ location: 'x', base: 0, bytes }))).toThrow(
      expect.objectContaining({ code: 'ONNX_EXTERNAL' }),
    );
  });

  it('refuses a location that nobody knows', () => {
    expect(() => relocateExternalData(graphBytes, () => null)).toThrow(
      expect.objectContaining({ code: 'ONNX_EXTERNAL' }),
    );
  });
});
