import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import type { Fields, Plain, Value } from '../tensor/value.js';
import { BUILTIN_GLOBALS } from './builtin-globals.js';
import { NUMPY_GLOBALS } from './numpy-globals.js';
import type { ClosedList } from './pickle-machine.js';
import { isNode, nameKind, type PickleValue } from './pickle-value.js';
import { readPickle } from './read-pickle.js';

const WIRE_GLOBALS: ClosedList = new Map([...BUILTIN_GLOBALS, ...NUMPY_GLOBALS]);
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

interface Walk {
  readonly where: string;
  nodes: number;
}

function fail(walk: Walk, at: string, what: string): EisenError {
  return new EisenError('PICKLE_INVALID', `${walk.where}: ${at} is ${what}; expected data of JSON's kinds.`, {
    where: walk.where,
    found: what,
  });
}

function dictKey(walk: Walk, at: string, key: PickleValue): string {
  if (typeof key !== 'string') throw fail(walk, `a key of ${at}`, `${nameKind(key)}, not str`);
  if (FORBIDDEN_KEYS.has(key)) throw fail(walk, `a key of ${at}`, `'${key}'`);
  return key;
}

/** A numpy scalar inside a list is a number like the others; float16 has no such form here. */
function scalarOf(value: PickleValue): number | bigint | boolean | undefined {
  if (!isNode(value, 'array') || value.array?.shape.length !== 0 || value.array.dtype === 'float16') return undefined;
  const [element] = value.array.data;
  return value.array.dtype === 'bool' ? element !== 0 : element;
}

/** Walks shared and even self-containing values like a tree, hence the caps on depth and count. */
function toPlain(walk: Walk, at: string, value: PickleValue, depth: number): Plain {
  walk.nodes += 1;
  if (depth > LIMITS.msgpackDepth || walk.nodes > LIMITS.msgpackNodes) {
    throw new EisenError('LIMIT_EXCEEDED', `${walk.where}: ${at} is nested too deeply or too often.`, {
      where: walk.where,
    });
  }
  if (typeof value !== 'object' || value === null) return value;
  if (value.kind === 'list' || value.kind === 'tuple' || value.kind === 'set')
    return value.items.map((item) => toPlain(walk, at, item, depth + 1));
  if (value.kind === 'dict') {
    const plain: { [key: string]: Plain } = Object.create(null);
    for (const [key, item] of value.entries) plain[dictKey(walk, at, key)] = toPlain(walk, at, item, depth + 1);
    return plain;
  }
  const number = scalarOf(value);
  if (number === undefined) throw fail(walk, at, nameKind(value));
  return number;
}

function toValue(walk: Walk, name: string, value: PickleValue): Value {
  if (isNode(value, 'array')) {
    if (value.array === null) throw fail(walk, `field '${name}'`, 'an array without its state');
    return { kind: 'array', array: value.array };
  }
  if (isNode(value, 'bytes')) return { kind: 'file', bytes: value.bytes };
  return { kind: 'plain', value: toPlain(walk, `field '${name}'`, value, 0) };
}

/**
 * Reads a request or reply body of eisen-deploy 0.0.2: a pickled dict. Arrays keep dtype, shape and memory order
 * (big-endian elements become native), numpy scalars become arrays of rank 0, bytes a file, anything else plain data.
 * Throws PICKLE_INVALID, PICKLE_REFUSED, LIMIT_EXCEEDED, TENSOR_DATA.
 */
export function decodePickleFields(bytes: Uint8Array, where = 'body'): Fields {
  const root = readPickle(bytes, { where, globals: WIRE_GLOBALS });
  const walk: Walk = { where, nodes: 0 };
  if (!isNode(root, 'dict')) throw fail(walk, 'the value', nameKind(root));
  const fields: Fields = new Map();
  for (const [key, value] of root.entries) {
    const name = dictKey(walk, 'the dict', key);
    fields.set(name, toValue(walk, name, value));
    if (fields.size > LIMITS.msgpackMapKeys) {
      throw new EisenError('LIMIT_EXCEEDED', `${where}: more than ${LIMITS.msgpackMapKeys} fields.`, { where });
    }
  }
  return fields;
}
