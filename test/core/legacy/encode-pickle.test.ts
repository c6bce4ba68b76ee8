import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodePickleFields } from '../../../src/core/legacy/decode-pickle.js';
import { encodePickleFields } from '../../../src/core/legacy/encode-pickle.js';
import { DTYPES, type DType } from '../../../src/core/tensor/dtype.js';
import { type NdArray, wrapNdArray } from '../../../src/core/tensor/ndarray.js';
import type { Fields, Plain, Value } from '../../../src/core/tensor/value.js';

function roundTrip(fields: Fields): Fields {
  return decodePickleFields(Buffer.concat(encodePickleFields(fields)));
}

const array = (dtype: DType, shape: number[], bytes: number[]): Value => {
  const data = new Uint8Array(bytes);
  return {
    kind: 'array',
    array: wrapNdArray(dtype, shape, new DTYPES[dtype].array(data.buffer, 0, data.length / DTYPES[dtype].bytes)),
  };
};

describe('the pickle writer', () => {
  it.each(Object.keys(DTYPES) as DType[])('writes %s so that the reader gives dtype, shape and bytes back', (dtype) => {
    const bytes = Array.from({ length: 6 * DTYPES[dtype].bytes }, (_, n) => (dtype === 'bool' ? n % 2 : n));
    const back = roundTrip(new Map([['a', array(dtype, [2, 3], bytes)]])).get('a');
    expect(back).toEqual(array(dtype, [2, 3], bytes));
  });

  it.each([
    ['rank 0', [], [0, 0, 128, 63]],
    ['an empty axis', [0, 4], []],
    ['axes of one', [1, 1, 1, 1, 1], [1, 2, 3, 4]],
  ])('writes %s', (_title, shape, bytes) => {
    expect(roundTrip(new Map([['a', array('float32', shape, bytes)]])).get('a')).toEqual(
      array('float32', shape, bytes),
    );
  });

  it('shares the memory of a contiguous array instead of copying it', () => {
    const value = array('uint8', [1000], new Array(1000).fill(7));
    const pieces = encodePickleFields(new Map([['a', value]]));
    expect(pieces.some((piece) => value.kind === 'array' && piece.buffer === value.array.data.buffer)).toBe(true);
  });

  it('writes a part of a bigger array from its offset', () => {
    const whole = wrapNdArray('int16', [6], Int16Array.of(0, 1, 2, 3, 4, 5));
    const part: NdArray = { ...whole, shape: [2], offset: 3 };
    const back = roundTrip(new Map([['a', { kind: 'array', array: part }]])).get('a');
    expect(back?.kind === 'array' && [...back.array.data]).toEqual([3, 4]);
  });

  it('writes a Fortran-ordered array in C order', () => {
    const whole = wrapNdArray('int16', [2, 2], Int16Array.of(0, 1, 2, 3), 'F');
    const back = roundTrip(new Map([['a', { kind: 'array', array: whole }]])).get('a');
    expect(back).toEqual({ kind: 'array', array: wrapNdArray('int16', [2, 2], Int16Array.of(0, 2, 1, 3)) });
  });

  it('writes files as bytes and keeps the order of the fields', () => {
    const fields: Fields = new Map([
      ['z', { kind: 'file', bytes: Uint8Array.of(1, 2) }],
      ['a', { kind: 'plain', value: 'ü' }],
    ]);
    const back = roundTrip(fields);
    expect([...back.keys()]).toEqual(['z', 'a']);
    const file = back.get('z');
    expect(file?.kind === 'file' && [...file.bytes]).toEqual([1, 2]);
  });

  it('refuses an image whose scaling nobody has applied', () => {
    const data = wrapNdArray('int16', [1], Int16Array.of(1));
    const image: Value = { kind: 'image', form: 'nifti', array: data, scaling: { slope: 2, intercept: 0 } };
    expect(() => encodePickleFields(new Map([['a', image]]))).toThrow('has no pickle form');
    const plain: Value = { kind: 'image', form: 'nifti', array: data };
    expect(roundTrip(new Map([['a', plain]])).get('a')).toEqual({ kind: 'array', array: data });
  });

  it('gives back every number, text, list and dictionary of JSON', () => {
    // Names that reach into objects are refused when they are read back.
    const plain = fc
      .jsonValue({ maxDepth: 4 })
      .filter((value) => !/__proto__|constructor|prototype/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(plain, (value) => {
        const back = roundTrip(new Map([['a', { kind: 'plain', value: value as Plain }]])).get('a');
        const text = back?.kind === 'plain' ? JSON.stringify(back.value) : '';
        expect(text).toBe(JSON.stringify(value));
      }),
      { numRuns: 200 },
    );
  });

  it('gives back integers of every size', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), (value) => {
        const back = roundTrip(new Map([['a', { kind: 'plain', value }]])).get('a');
        expect(back?.kind === 'plain' && BigInt(back.value as number | bigint)).toBe(value);
      }),
      { numRuns: 300 },
    );
    for (const value of [127, 128, 255, 256, -128, -129, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1]) {
      expect(roundTrip(new Map([['a', { kind: 'plain', value }]])).get('a')).toEqual({ kind: 'plain', value });
    }
  });

  it('keeps minus zero, infinities and NaN', () => {
    for (const value of [-0, Infinity, -Infinity, NaN, 0.1, 5e-324]) {
      const back = roundTrip(new Map([['a', { kind: 'plain', value }]])).get('a');
      expect(back?.kind === 'plain' && Object.is(back.value, value)).toBe(true);
    }
  });
});
