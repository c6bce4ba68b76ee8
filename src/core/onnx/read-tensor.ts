import type { OnnxExternalData } from './graph.js';
import { asInt64, invalidOnnx, type WireField, type WireRange, type WireReader } from './wire.js';

/** Field numbers of onnx.TensorProto. */
export const TENSOR_FIELD = {
  dims: 1,
  dataType: 2,
  floatData: 4,
  int32Data: 5,
  stringData: 6,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
  externalData: 13,
  dataLocation: 14,
} as const;

/** A TensorProto without its numbers. */
export interface TensorHead {
  readonly name: string;
  readonly dataType: number;
  readonly dims: readonly number[];
  /** Where the raw bytes lie in the source; null when they stand elsewhere. */
  readonly rawData: WireField | null;
  readonly inlineBytes: number;
  readonly external: OnnxExternalData | null;
}

const DATA_FIELDS = new Set<number>([4, 5, 6, 7, 9, 10, 11]);

/** One key and value of a StringStringEntryProto. */
export function readPair(reader: WireReader, range: WireRange): [string, string] {
  let [key, value] = ['', ''];
  for (const field of reader.fields(range)) {
    if (field.wireType !== 2) continue;
    if (field.number === 1) key = reader.text(field);
    if (field.number === 2) value = reader.text(field, 1024 * 1024);
  }
  return [key, value];
}

function* readDims(reader: WireReader, field: WireField): Generator<number> {
  if (field.wireType === 0) {
    yield asInt64(reader, field);
    return;
  }
  // proto2 writers repeat the tag for each axis, proto3 ones pack all axes into one field.
  let [value, scale] = [0n, 0n];
  for (const byte of reader.bytes(field, 4096)) {
    value |= BigInt(byte & 0x7f) << scale;
    scale += 7n;
    if (scale > 70n) throw invalidOnnx(reader.where, field.start, 'a number is longer than 10 bytes.');
    if (byte >= 0x80) continue;
    yield asInt64(reader, { ...field, value });
    [value, scale] = [0n, 0n];
  }
}

function parseCount(reader: WireReader, at: WireField, key: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) {
    throw invalidOnnx(reader.where, at.start, `external data ${key} is '${text}'; expected a whole number.`);
  }
  return Number(text);
}

/** Reads the head of a TensorProto; weights are skipped, not read. */
export function readTensorHead(reader: WireReader, range: WireRange): TensorHead {
  let name = '';
  let dataType = 0;
  let inlineBytes = 0;
  let rawData: WireField | null = null;
  let isExternal = false;
  let [location, offset, length]: [string, number, number | null] = ['', 0, null];
  const dims: number[] = [];
  for (const field of reader.fields(range)) {
    if (DATA_FIELDS.has(field.number)) inlineBytes += field.end - field.start;
    if (field.number === TENSOR_FIELD.dims) dims.push(...readDims(reader, field));
    else if (field.number === TENSOR_FIELD.dataType && field.wireType === 0) dataType = asInt64(reader, field);
    else if (field.number === TENSOR_FIELD.name && field.wireType === 2) name = reader.text(field);
    else if (field.number === TENSOR_FIELD.rawData && field.wireType === 2) rawData = field;
    else if (field.number === TENSOR_FIELD.dataLocation) isExternal = field.value === 1;
    else if (field.number === TENSOR_FIELD.externalData && field.wireType === 2) {
      const [key, value] = readPair(reader, field);
      if (key === 'location') location = value;
      if (key === 'offset') offset = parseCount(reader, field, key, value);
      if (key === 'length') length = parseCount(reader, field, key, value);
    }
    if (dims.length > 32) throw invalidOnnx(reader.where, field.start, `tensor '${name}' has more than 32 axes.`);
  }
  if (dims.some((axis) => axis < 0)) {
    throw invalidOnnx(reader.where, range.start, `tensor '${name}' has the shape [${dims.join(', ')}].`);
  }
  return {
    name,
    dataType,
    dims,
    rawData,
    inlineBytes,
    external: isExternal ? { tensor: name, location, offset, length } : null,
  };
}
