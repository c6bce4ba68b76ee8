import { EisenError } from '../errors/error.js';
import { type ByteSource, wrapBytes } from '../files/byte-source.js';
import type { OnnxExternalData } from './graph.js';
import { TENSOR_FIELD } from './read-tensor.js';
import { isRange, type MetTensor, piecesLength, type RewrittenPiece, rewriteTensors } from './rewrite-tensors.js';
import { createWireReader, type WireReader } from './wire.js';
import { encodeField, encodeVarintField, joinBytes } from './wire-write.js';

/**
 * Models with inline weights of this size and more are split: the weights get a file of their own, to be mapped. Below it
 * a load is quick anyway.
 */
export const SPLIT_BYTES = 16 * 1024 * 1024;
/** Weights below this stay in the graph: one more entry of external data would not pay. */
const MIN_TENSOR_BYTES = 1024;
/** From this size on a tensor begins on a page of its own. */
const PAGE_TENSOR_BYTES = 64 * 1024;
const PAGE = 4096;
const LINE = 64;

/** A model split in two: a small graph and the weights that it points to. */
export interface SplitModel {
  readonly graph: readonly RewrittenPiece[];
  /** Ranges of the source and padding. */
  readonly weights: readonly RewrittenPiece[];
  readonly weightsBytes: number;
}

/** The fields of a tensor without its numbers, followed by where they are now. */
function pointElsewhere(
  reader: WireReader,
  { range }: MetTensor,
  data: { location: string; offset: number; length: number | null },
): RewrittenPiece[] {
  const moved = new Set<number>([TENSOR_FIELD.rawData, TENSOR_FIELD.externalData, TENSOR_FIELD.dataLocation]);
  const kept = [...reader.fields(range)].filter((field) => !moved.has(field.number));
  const pairs: [string, string][] = [
    ['location', data.location],
    ['offset', String(data.offset)],
  ];
  if (data.length !== null) pairs.push(['length', String(data.length)]);
  const external = pairs.map(([key, value]) =>
    encodeField(TENSOR_FIELD.externalData, joinBytes([encodeField(1, key), encodeField(2, value)])),
  );
  return [
    ...kept.map((field) => ({ start: field.tagStart, end: field.end })),
    joinBytes([...external, encodeVarintField(TENSOR_FIELD.dataLocation, 1)]),
  ];
}

/**
 * Splits a model with inline weights into a graph and one file of weights called `location`, without reading them.
 * Offsets are portable: they count from the start of that file.
 */
export function splitWeights(source: ByteSource, location: string, where = 'model.onnx'): SplitModel {
  const reader = createWireReader(source, where);
  const weights: RewrittenPiece[] = [];
  let weightsBytes = 0;
  const graph = rewriteTensors(reader, (tensor) => {
    const raw = tensor.head.rawData;
    if (!tensor.isInitializer || raw === null || raw.end - raw.start < MIN_TENSOR_BYTES) return null;
    const length = raw.end - raw.start;
    const align = length >= PAGE_TENSOR_BYTES ? PAGE : LINE;
    const padding = (align - (weightsBytes % align)) % align;
    if (padding > 0) weights.push(new Uint8Array(padding));
    const offset = weightsBytes + padding;
    weights.push({ start: raw.start, end: raw.end });
    weightsBytes = offset + length;
    return pointElsewhere(reader, tensor, { location, offset, length });
  });
  return { graph, weights, weightsBytes };
}

/** Bits of one number by onnx.TensorProto.DataType; strings have no fixed size. */
const TYPE_BITS: Readonly<Record<number, number>> = {
  1: 32,
  2: 8,
  3: 8,
  4: 16,
  5: 16,
  6: 32,
  7: 64,
  9: 8,
  10: 16,
  11: 64,
  12: 32,
  13: 64,
  14: 64,
  15: 128,
  16: 16,
  17: 8,
  18: 8,
  19: 8,
  20: 8,
  21: 4,
  22: 4,
};

export interface ExternalPlace {
  readonly location: string;
  /** Added to the offset in the graph. */
  readonly base: number;
  /** Bytes of the file that the graph means; nothing beyond them is ever pointed to. */
  readonly bytes: number;
}

/**
 * Points every external tensor of a graph to where its bytes really lie. `place` answers for a location, or null for one
 * that is not known. Throws ONNX_EXTERNAL for an unknown location or a range that reaches past the known bytes.
 */
export function relocateExternalData(
  graph: Uint8Array,
  place: (data: OnnxExternalData) => ExternalPlace | null,
  where = 'model.onnx',
): Uint8Array {
  const reader = createWireReader(wrapBytes(graph), where);
  const pieces = rewriteTensors(reader, (tensor) => {
    const data = tensor.head.external;
    if (data === null) return null;
    const target = place(data);
    const at = `${where}: tensor '${data.tensor}'`;
    if (target === null) {
      throw new EisenError(
        'ONNX_EXTERNAL',
        `${at}: its numbers should lie in '${data.location}', which is not there.`,
        { where: at },
      );
    }
    const bits = TYPE_BITS[tensor.head.dataType];
    const needed =
      bits === undefined ? 0 : Math.ceil((tensor.head.dims.reduce((count, axis) => count * axis, 1) * bits) / 8);
    const length = data.length ?? needed;
    if (length < needed || data.offset + length > target.bytes) {
      throw new EisenError(
        'ONNX_EXTERNAL',
        `${at}: it needs ${needed} bytes at ${data.offset} (+${length}) of '${data.location}', which has ${target.bytes}.`,
        { where: at },
      );
    }
    return pointElsewhere(reader, tensor, { location: target.location, offset: target.base + data.offset, length });
  });
  return joinPieces(wrapBytes(graph), pieces);
}

/** The pieces of a rewritten model as one array: for graphs, never for weights. */
export function joinPieces(source: ByteSource, pieces: readonly RewrittenPiece[]): Uint8Array {
  const out = new Uint8Array(piecesLength(pieces));
  let cursor = 0;
  for (const piece of pieces) {
    const bytes = isRange(piece) ? source.read(piece.start, piece.end - piece.start) : piece;
    out.set(bytes, cursor);
    cursor += bytes.length;
  }
  return out;
}

/**
 * A graph whose inline weights are read where they stand in their own file, called `location`: an engine can then load a
 * model of any size without anybody copying it. For looking only: the tensors are not aligned.
 */
export function pointIntoSource(source: ByteSource, location: string, where = 'model.onnx'): readonly RewrittenPiece[] {
  const reader = createWireReader(source, where);
  return rewriteTensors(reader, (tensor) => {
    const raw = tensor.head.rawData;
    if (!tensor.isInitializer || raw === null || raw.end - raw.start < MIN_TENSOR_BYTES) return null;
    return pointElsewhere(reader, tensor, { location, offset: raw.start, length: raw.end - raw.start });
  });
}
