import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import { checkKey } from './object-keys.js';

/** A decoded msgpack value. Maps keep their order; `bin` is a view of the input. */
export type MsgpackNode = null | boolean | number | bigint | string | Uint8Array | MsgpackNode[] | MsgpackMap;
export type MsgpackMap = Map<string, MsgpackNode>;

interface Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly where: string;
  at: number;
  nodes: number;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function fail(cursor: Cursor, what: string): never {
  throw new EisenError('MSGPACK_INVALID', `${cursor.where}: byte ${cursor.at}: ${what}.`, { where: cursor.where });
}

/** Moves over `count` bytes that must be there; the declared length is compared before anything is made of it. */
function take(cursor: Cursor, count: number): number {
  const start = cursor.at;
  if (count > cursor.bytes.length - start) {
    fail(cursor, `${count} bytes are declared and ${cursor.bytes.length - start} are left`);
  }
  cursor.at = start + count;
  return start;
}

function readText(cursor: Cursor, length: number): string {
  const start = take(cursor, length);
  if (length < 24) {
    let text = '';
    for (let n = start; n < cursor.at; n += 1) {
      const code = cursor.bytes[n]!;
      if (code > 127) break;
      text += String.fromCharCode(code);
    }
    if (text.length === length) return text;
  }
  try {
    return UTF8.decode(cursor.bytes.subarray(start, cursor.at));
  } catch {
    return fail(cursor, 'a string is not valid UTF-8');
  }
}

function readBinary(cursor: Cursor, length: number): Uint8Array {
  const start = take(cursor, length);
  return cursor.bytes.subarray(start, cursor.at);
}

function readList(cursor: Cursor, length: number, depth: number): MsgpackNode[] {
  if (length > cursor.bytes.length - cursor.at) {
    fail(cursor, `a list of ${length} elements is declared and ${cursor.bytes.length - cursor.at} bytes are left`);
  }
  const list: MsgpackNode[] = [];
  for (let n = 0; n < length; n += 1) list.push(readNode(cursor, depth + 1));
  return list;
}

function readMap(cursor: Cursor, length: number, depth: number): MsgpackMap {
  if (length > LIMITS.msgpackMapKeys) {
    fail(cursor, `a map has ${length} keys; expected at most ${LIMITS.msgpackMapKeys}`);
  }
  const map: MsgpackMap = new Map();
  for (let n = 0; n < length; n += 1) {
    const key = readNode(cursor, depth + 1);
    if (typeof key !== 'string') fail(cursor, 'a map key is not a string');
    checkKey(key, { code: 'MSGPACK_INVALID', where: cursor.where });
    if (map.has(key)) fail(cursor, `the key '${key.slice(0, 40)}' stands twice in one map`);
    map.set(key, readNode(cursor, depth + 1));
  }
  return map;
}

function readUint(cursor: Cursor, size: 1 | 2 | 4): number {
  const at = take(cursor, size);
  if (size === 1) return cursor.view.getUint8(at);
  return size === 2 ? cursor.view.getUint16(at) : cursor.view.getUint32(at);
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** One arm per format byte from 0xc0 to 0xdf, as the msgpack specification numbers them. */
function readMarked(cursor: Cursor, marker: number, depth: number): MsgpackNode {
  const { view } = cursor;
  switch (marker) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc4:
      return readBinary(cursor, readUint(cursor, 1));
    case 0xc5:
      return readBinary(cursor, readUint(cursor, 2));
    case 0xc6:
      return readBinary(cursor, readUint(cursor, 4));
    case 0xca:
      return view.getFloat32(take(cursor, 4));
    case 0xcb:
      return view.getFloat64(take(cursor, 8));
    case 0xcc:
      return readUint(cursor, 1);
    case 0xcd:
      return readUint(cursor, 2);
    case 0xce:
      return readUint(cursor, 4);
    case 0xcf:
      return narrow(view.getBigUint64(take(cursor, 8)));
    case 0xd0:
      return view.getInt8(take(cursor, 1));
    case 0xd1:
      return view.getInt16(take(cursor, 2));
    case 0xd2:
      return view.getInt32(take(cursor, 4));
    case 0xd3:
      return narrow(view.getBigInt64(take(cursor, 8)));
    case 0xd9:
      return readText(cursor, readUint(cursor, 1));
    case 0xda:
      return readText(cursor, readUint(cursor, 2));
    case 0xdb:
      return readText(cursor, readUint(cursor, 4));
    case 0xdc:
      return readList(cursor, readUint(cursor, 2), depth);
    case 0xdd:
      return readList(cursor, readUint(cursor, 4), depth);
    case 0xde:
      return readMap(cursor, readUint(cursor, 2), depth);
    case 0xdf:
      return readMap(cursor, readUint(cursor, 4), depth);
    default:
      return fail(cursor, `format byte 0x${marker.toString(16)} is an extension type or unused`);
  }
}

function readNode(cursor: Cursor, depth: number): MsgpackNode {
  if (depth > LIMITS.msgpackDepth) fail(cursor, `more than ${LIMITS.msgpackDepth} levels deep`);
  cursor.nodes += 1;
  if (cursor.nodes > LIMITS.msgpackNodes) fail(cursor, `more than ${LIMITS.msgpackNodes} values`);
  const marker = cursor.view.getUint8(take(cursor, 1));
  if (marker < 0x80) return marker;
  if (marker >= 0xe0) return marker - 256;
  if (marker < 0x90) return readMap(cursor, marker & 15, depth);
  if (marker < 0xa0) return readList(cursor, marker & 15, depth);
  if (marker < 0xc0) return readText(cursor, marker & 31);
  return readMarked(cursor, marker, depth);
}

/**
 * Reads exactly one msgpack value. Bounded by LIMITS.msgpack*: a declared length never decides an allocation. Throws
 * MSGPACK_INVALID for extension types, keys that are no strings or stand twice, and bytes left over.
 */
export function readMsgpack(bytes: Uint8Array, where = 'body'): MsgpackNode {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cursor: Cursor = { bytes, view, where, at: 0, nodes: 0 };
  const node = readNode(cursor, 0);
  if (cursor.at !== bytes.length) fail(cursor, `${bytes.length - cursor.at} bytes are left over after the value`);
  return node;
}
