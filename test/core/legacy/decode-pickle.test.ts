import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { decodePickleFields } from '../../../src/core/legacy/decode-pickle.js';
import { isPickle } from '../../../src/core/legacy/read-pickle.js';
import type { ArrayValue, Fields } from '../../../src/core/tensor/value.js';

const FOLDER = new URL('../../../../fixtures/legacy/', import.meta.url);
const NAMES = [1, 2].flatMap((numpy) => [2, 3, 4, 5].map((protocol) => `wire-numpy${numpy}-protocol${protocol}.pkl`));

function read(name: string): Fields {
  return decodePickleFields(readFileSync(new URL(name, FOLDER)));
}

function arrayOf(fields: Fields, name: string): ArrayValue['array'] {
  const value = fields.get(name);
  if (value?.kind !== 'array') throw new Error(`${name} is ${value?.kind}`);
  return value.array;
}

const COUNT = [0, 1, 2, 3, 4, 5];

describe.each(NAMES)('the body %s', (name) => {
  const fields = read(name);

  it.each([
    ['f4', 'float32'],
    ['f8', 'float64'],
    ['i1', 'int8'],
    ['i2', 'int16'],
    ['i4', 'int32'],
    ['u1', 'uint8'],
    ['u2', 'uint16'],
    ['u4', 'uint32'],
  ])('gives the array %s as %s with its shape and values', (field, dtype) => {
    const array = arrayOf(fields, field);
    expect([array.dtype, array.shape, array.strides, [...array.data]]).toEqual([dtype, [2, 3], [3, 1], COUNT]);
  });

  it('gives 64-bit integers as bigints and float16 as its bits', () => {
    expect([...arrayOf(fields, 'i8').data]).toEqual(COUNT.map(BigInt));
    expect([...arrayOf(fields, 'u8').data]).toEqual(COUNT.map(BigInt));
    expect([...arrayOf(fields, 'f2').data]).toEqual([0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500]);
  });

  it('gives booleans as bytes', () => {
    expect([arrayOf(fields, 'bool').dtype, [...arrayOf(fields, 'bool').data]]).toEqual(['bool', [1, 0, 1, 0, 1, 0]]);
  });

  it('turns big-endian elements into native ones', () => {
    expect([arrayOf(fields, 'big').dtype, [...arrayOf(fields, 'big').data]]).toEqual(['int16', COUNT]);
    expect([arrayOf(fields, 'bigfloat').dtype, [...arrayOf(fields, 'bigfloat').data]]).toEqual(['float64', COUNT]);
  });

  it('keeps Fortran order as strides', () => {
    const array = arrayOf(fields, 'fortran');
    expect([array.shape, array.strides, [...array.data]]).toEqual([
      [2, 3],
      [1, 2],
      [0, 3, 1, 4, 2, 5],
    ]);
  });

  it('reads arrays that were views, that are empty or of rank 0, and scalars', () => {
    expect([...arrayOf(fields, 'strided').data]).toEqual([0, 2, 4]);
    expect(arrayOf(fields, 'empty').shape).toEqual([0, 3]);
    expect([arrayOf(fields, 'rank0').shape, arrayOf(fields, 'rank0').data[0]]).toEqual([[], 7n]);
    expect([arrayOf(fields, 'scalar').shape, arrayOf(fields, 'scalar').dtype]).toEqual([[], 'float32']);
    expect(arrayOf(fields, 'scalar').data[0]).toBe(1.5);
  });

  it('reads text, numbers, lists, tuples, sets and bytes', () => {
    expect(fields.get('text')).toEqual({ kind: 'plain', value: 'Gehirn ✓' });
    expect(fields.get('numbers')).toEqual({ kind: 'plain', value: [1, 2.5, -3, 2 ** 40, 10n ** 30n, 9] });
    const tuple = fields.get('tuple');
    expect(tuple?.kind === 'plain' && JSON.stringify(tuple.value)).toBe('[true,null,{"a":[1]}]');
    expect(fields.get('set')).toEqual({ kind: 'plain', value: [3] });
    const bytes = ['bytes', 'bytearray', 'nobytes'].map((field) => fields.get(field));
    expect(bytes.map((value) => value?.kind === 'file' && [...value.bytes])).toEqual([[0, 255], [97, 98], []]);
  });

  it('keeps the order of the dict', () => {
    expect([...fields.keys()].slice(0, 3)).toEqual(['f2', 'f4', 'f8']);
    expect([...fields.keys()].at(-1)).toBe('nobytes');
  });

  it('is told from msgpack and JSON by its first two bytes', () => {
    expect(isPickle(readFileSync(new URL(name, FOLDER)))).toBe(true);
  });
});

it('an empty msgpack map, JSON and protocol 1 are no pickles', () => {
  for (const bytes of [[0x80], [0x80, 0xa1, 0x61], [0x7b, 0x7d, 0x0a], [0x80, 0x01, 0x2e], [0x80, 0x06, 0x2e], []]) {
    expect(isPickle(Uint8Array.from(bytes))).toBe(false);
  }
});
