import { EisenError } from '../errors/error.js';
import { arrayBytes, viewArray } from './array-bytes.js';
import { type MsgpackMap, type MsgpackNode, readMsgpack } from './msgpack-reader.js';
import { createMsgpackWriter, type MsgpackWriter } from './msgpack-writer.js';
import type { NdArray } from './ndarray.js';
import { parseNumpyDType } from './numpy-dtype.js';
import type { Fields, Plain, Value } from './value.js';

function fail(where: string, what: string): never {
  throw new EisenError('MSGPACK_INVALID', `${where}: ${what}.`, { where });
}

/** The array that a map with the key `__ndarray__` describes: `data`, `shape`, `type`, as Eisen's client packs it. */
function readArray(map: MsgpackMap, where: string): NdArray {
  const [data, shape, type] = [map.get('data'), map.get('shape'), map.get('type')];
  if (!(data instanceof Uint8Array)) fail(where, "the array's 'data' is missing or is no binary value");
  if (!Array.isArray(shape)) fail(where, "the array's 'shape' is missing or is no list");
  if (typeof type !== 'string') fail(where, "the array's 'type' is missing or is no dtype string");
  if (!shape.every((axis): axis is number => typeof axis === 'number')) {
    fail(where, "the array's 'shape' holds something that is no whole number");
  }
  return viewArray(data, parseNumpyDType(type, where), { shape, where });
}

/** Plain data; arrays and binaries can only stand at the top of the dictionary. */
function toPlain(node: MsgpackNode, where: string): Plain {
  if (node instanceof Uint8Array) return fail(where, 'a binary value inside of a list or dictionary is not supported');
  if (Array.isArray(node)) return node.map((item) => toPlain(item, where));
  if (node instanceof Map) {
    if (node.has('__ndarray__')) fail(where, 'an array inside of a list or dictionary is not supported');
    const plain = Object.create(null) as { [key: string]: Plain };
    for (const [key, item] of node) plain[key] = toPlain(item, where);
    return plain;
  }
  return node;
}

function toValue(node: MsgpackNode, where: string): Value {
  if (node instanceof Uint8Array) return { kind: 'file', bytes: node };
  if (node instanceof Map && node.has('__ndarray__')) return { kind: 'array', array: readArray(node, where) };
  return { kind: 'plain', value: toPlain(node, where) };
}

/**
 * Reads Eisen's wire form: a msgpack map of names to values. A map with `__ndarray__` becomes an array over the input's
 * own bytes (copied only when they are big-endian or not aligned), `bin` a file, anything else plain data. Throws
 * MSGPACK_INVALID, TENSOR_DTYPE, TENSOR_SHAPE or TENSOR_DATA.
 */
export function decodeFields(bytes: Uint8Array, where = 'body'): Fields {
  const node = readMsgpack(bytes, where);
  if (!(node instanceof Map)) return fail(where, 'the value is no dictionary of names');
  if (node.has('__ndarray__')) fail(where, 'the value is one array; expected a dictionary of named arrays');
  return new Map([...node].map(([name, item]) => [name, toValue(item, `${where}: ${name}`)]));
}

function writeArray(writer: MsgpackWriter, array: NdArray): void {
  writer.writeMapHeader(4);
  writer.writeText('__ndarray__');
  writer.writeBoolean(true);
  writer.writeText('data');
  writer.writeBinary(arrayBytes(array));
  writer.writeText('shape');
  writer.writeListHeader(array.shape.length);
  for (const axis of array.shape) writer.writeNumber(axis);
  writer.writeText('type');
  writer.writeText(array.dtype);
}

function writePlain(writer: MsgpackWriter, value: Plain): void {
  if (value === null) writer.writeNil();
  else if (typeof value === 'boolean') writer.writeBoolean(value);
  else if (typeof value === 'number' || typeof value === 'bigint') writer.writeNumber(value);
  else if (typeof value === 'string') writer.writeText(value);
  else if (Array.isArray(value)) {
    writer.writeListHeader(value.length);
    for (const item of value) writePlain(writer, item);
  } else {
    const entries = Object.entries(value);
    writer.writeMapHeader(entries.length);
    for (const [key, item] of entries) {
      writer.writeText(key);
      writePlain(writer, item);
    }
  }
}

/**
 * Writes Eisen's wire form as pieces: keys `__ndarray__`, `data`, `shape`, `type` in this order, payloads as views of
 * the arrays. An image value must have been turned into a file or an array before (throws MSGPACK_INVALID).
 */
export function encodeFields(fields: Fields): Uint8Array[] {
  const writer = createMsgpackWriter();
  writer.writeMapHeader(fields.size);
  for (const [name, value] of fields) {
    writer.writeText(name);
    if (value.kind === 'array') writeArray(writer, value.array);
    else if (value.kind === 'file') writer.writeBinary(value.bytes);
    else if (value.kind === 'plain') writePlain(writer, value.value);
    else fail(name, 'an image has no msgpack form; write it as a file or turn it into an array first');
  }
  return writer.finish();
}
