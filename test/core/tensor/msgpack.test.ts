import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isEisenError } from '../../../src/core/errors/error.js';
import { DTYPES, type DType } from '../../../src/core/tensor/dtype.js';
import { decodeFields, encodeFields } from '../../../src/core/tensor/msgpack.js';
import { readMsgpack } from '../../../src/core/tensor/msgpack-reader.js';
import { createNdArray, type NdArray, wrapNdArray } from '../../../src/core/tensor/ndarray.js';
import type { Fields, Plain } from '../../../src/core/tensor/value.js';
import { codeOf } from '../../support/codes.js';

// What Python's msgpack 1.2.1 packs from Eisen's encoder: a float32, a big-endian int16, a bool and an int64 scalar array, and plain values.
const PACKED_BY_PYTHON =
  '87a5696d61676584ab5f5f6e6461727261795f5fc3a464617461c418000000000000803f0000004000004040000080400000a040a573686170' +
  '65920203a474797065a7666c6f61743332a362696784ab5f5f6e6461727261795f5fc3a464617461c4040001fffea573686170659102a474' +
  '797065a33e6932a4666c616784ab5f5f6e6461727261795f5fc3a464617461c4020100a573686170659102a474797065a4626f6f6ca16e07' +
  'a174a6c3a46c746572a16c9301cb4004000000000000c0a17384ab5f5f6e6461727261795f5fc3a464617461c4080300000000000000a573' +
  '686170659' +
  '0a474797065a5696e743634';

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex, 'hex');
const join = (pieces: Uint8Array[]): Buffer => Buffer.concat(pieces);

function arrayOf(fields: Fields, name: string): NdArray {
  const value = fields.get(name);
  if (value?.kind !== 'array') throw new Error(`${name} is no array`);
  return value.array;
}

describe('Eisen wire form in msgpack', () => {
  it('reads what the Python client packs', () => {
    const fields = decodeFields(bytesOf(PACKED_BY_PYTHON));
    expect([...fields.keys()]).toEqual(['image', 'big', 'flag', 'n', 't', 'l', 's']);
    expect(arrayOf(fields, 'image')).toMatchObject({ dtype: 'float32', shape: [2, 3], strides: [3, 1] });
    expect([...arrayOf(fields, 'image').data]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...arrayOf(fields, 'big').data]).toEqual([1, -2]);
    expect(arrayOf(fields, 'flag')).toMatchObject({ dtype: 'bool', data: Uint8Array.of(1, 0) });
    expect(arrayOf(fields, 's')).toMatchObject({ dtype: 'int64', shape: [], data: BigInt64Array.of(3n) });
    expect(fields.get('n')).toEqual({ kind: 'plain', value: 7 });
    expect(fields.get('t')).toEqual({ kind: 'plain', value: 'älter' });
    expect(fields.get('l')).toEqual({ kind: 'plain', value: [1, 2.5, null] });
  });

  it('packs the bytes that Python packs, apart from the byte order of big-endian arrays', () => {
    const fields = decodeFields(bytesOf(PACKED_BY_PYTHON));
    const expected = PACKED_BY_PYTHON.replace('0001fffe', '0100feff').replace('a33e6932', 'a5696e743136');
    expect(join(encodeFields(fields)).toString('hex')).toBe(expected);
  });

  it('views an aligned payload in place and copies an unaligned one', () => {
    const packed = join(encodeFields(new Map([['x', { kind: 'array', array: createNdArray('float32', [4]) }]])));
    const payload = packed.length - 16 - 'a5736861706591 04a474797065a7666c6f61743332'.replace(' ', '').length / 2;
    for (const pad of [0, 1, 2, 3]) {
      const memory = new Uint8Array(packed.length + 8);
      const bytes = memory.subarray(pad, pad + packed.length);
      bytes.set(packed);
      const { data } = arrayOf(decodeFields(bytes), 'x');
      expect(data.buffer === memory.buffer).toBe((pad + payload) % 4 === 0);
    }
  });

  it('hands out a big payload as a view of the array', () => {
    const array = createNdArray('uint8', [100_000]);
    const pieces = encodeFields(new Map([['x', { kind: 'array', array }]]));
    expect(pieces.some((piece) => piece.buffer === array.data.buffer)).toBe(true);
  });

  it.each(Object.keys(DTYPES) as DType[])('round-trips %s, C and Fortran order, flipped and scalar', (dtype) => {
    const data = createNdArray(dtype, [6]).data;
    for (let n = 0; n < 6; n += 1)
      data[n] = (dtype.endsWith('64') && dtype !== 'float64' ? BigInt(n % 2) : n % 2) as never;
    const c = wrapNdArray(dtype, [2, 3], data);
    const flipped: NdArray = { ...c, strides: [-3, 1], offset: 3 };
    const fields: Fields = new Map([
      ['c', { kind: 'array', array: c }],
      ['f', { kind: 'array', array: wrapNdArray(dtype, [2, 3], data, 'F') }],
      ['flipped', { kind: 'array', array: flipped }],
      ['scalar', { kind: 'array', array: { ...c, shape: [], strides: [], offset: 1 } }],
    ]);
    const back = decodeFields(join(encodeFields(fields)));
    expect([...arrayOf(back, 'c').data]).toEqual([...data]);
    expect([...arrayOf(back, 'f').data]).toEqual([0, 2, 4, 1, 3, 5].map((n) => data[n]));
    expect([...arrayOf(back, 'flipped').data]).toEqual([3, 4, 5, 0, 1, 2].map((n) => data[n]));
    expect([...arrayOf(back, 'scalar').data]).toEqual([data[1]]);
  });

  const ARRAY = (type: string, shape: string, data: string): string =>
    `81a17884ab5f5f6e6461727261795f5fc3a464617461${data}a57368617065${shape}a474797065${type}`;
  const F4 = 'a26634';
  it.each([
    ['no bytes', '', 'MSGPACK_INVALID'],
    ['a list', '90', 'MSGPACK_INVALID'],
    ['bytes left over', '8000', 'MSGPACK_INVALID'],
    ['a truncated string', '81a5ab', 'MSGPACK_INVALID'],
    ['a binary longer than the body', '81a178c6ffffffff00', 'MSGPACK_INVALID'],
    ['a list of four thousand million elements', '81a178ddffffffff', 'MSGPACK_INVALID'],
    ['a map of four thousand million keys', 'dfffffffff', 'MSGPACK_INVALID'],
    ['an extension type', '81a178d40000', 'MSGPACK_INVALID'],
    ['a number as key', '810101', 'MSGPACK_INVALID'],
    ['a key that stands twice', '82a17801a17802', 'MSGPACK_INVALID'],
    ['the key __proto__', '81a95f5f70726f746f5f5f80', 'MSGPACK_INVALID'],
    ['the key constructor, nested', '81a17881ab636f6e7374727563746f7201', 'MSGPACK_INVALID'],
    ['invalid UTF-8', '81a178a2c328', 'MSGPACK_INVALID'],
    ['forty levels', `81a178${'91'.repeat(40)}01`, 'MSGPACK_INVALID'],
    ['an array inside of a list', '81a1789181ab5f5f6e6461727261795f5fc3', 'MSGPACK_INVALID'],
    ['an array without data', '81a17881ab5f5f6e6461727261795f5fc3', 'MSGPACK_INVALID'],
    ['an array as the whole body', '81ab5f5f6e6461727261795f5fc3', 'MSGPACK_INVALID'],
    ['a fractional axis', ARRAY(F4, '91cb3fe0000000000000', 'c40400000000'), 'TENSOR_SHAPE'],
    ['a negative axis', ARRAY(F4, '91ff', 'c40400000000'), 'TENSOR_SHAPE'],
    ['axes whose product is past any memory', ARRAY(F4, '93ceffffffffceffffffffceffffffff', 'c400'), 'LIMIT_EXCEEDED'],
    ['fewer bytes than the shape', ARRAY(F4, '9102', 'c40400000000'), 'TENSOR_DATA'],
    ['an object dtype', ARRAY('a66f626a656374', '9101', 'c40400000000'), 'TENSOR_DTYPE'],
    ['a string dtype', ARRAY('a33c5531', '9101', 'c40400000000'), 'TENSOR_DTYPE'],
    ['a bool of two', ARRAY('a4626f6f6c', '9101', 'c40102'), 'TENSOR_DATA'],
  ])('refuses %s', (_name, hex, code) => {
    expect(codeOf(() => decodeFields(bytesOf(hex)))).toBe(code);
  });

  it('bounds the number of values before it builds them', () => {
    const flood = Buffer.concat([bytesOf('81a178dd000f4241'), Buffer.alloc(1_000_001, 0x01)]);
    expect(codeOf(() => decodeFields(flood))).toBe('MSGPACK_INVALID');
  });

  it('reads every integer and float width exactly', () => {
    const cases: [string, unknown][] = [
      ['7f', 127],
      ['ccff', 255],
      ['cdffff', 65535],
      ['ceffffffff', 4294967295],
      ['cfffffffffffffffff', 18446744073709551615n],
      ['cf0000000100000000', 4294967296],
      ['e0', -32],
      ['d080', -128],
      ['d18000', -32768],
      ['d280000000', -2147483648],
      ['d38000000000000000', -9223372036854775808n],
      ['ca3f800000', 1],
      ['cb7ff0000000000000', Infinity],
    ];
    for (const [hex, value] of cases) expect(readMsgpack(bytesOf(hex))).toBe(value);
  });

  it('round-trips any plain data', () => {
    const plain = fc.letrec<{ node: Plain }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.constant(null),
        fc.boolean(),
        fc.double({ noNaN: true }),
        fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
        fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
        fc.string({ unit: 'grapheme' }),
        fc.array(tie('node'), { maxLength: 20 }) as fc.Arbitrary<Plain>,
        fc.dictionary(
          fc.string().filter((key) => !/^(__proto__|constructor|prototype|__ndarray__)$/.test(key)),
          tie('node'),
        ) as fc.Arbitrary<Plain>,
      ),
    })).node;
    fc.assert(
      fc.property(plain, (value) => {
        const back = decodeFields(join(encodeFields(new Map([['v', { kind: 'plain', value }]]))));
        expect(back.get('v')).toEqual({ kind: 'plain', value });
      }),
      { numRuns: 200 },
    );
  });

  it('ends every damaged body in a typed error', () => {
    const whole = bytesOf(PACKED_BY_PYTHON);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, value, length) => {
        const damaged = Uint8Array.from(whole).subarray(0, length);
        if (at < damaged.length) damaged[at] = value;
        try {
          decodeFields(damaged);
        } catch (error) {
          if (!isEisenError(error)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('writes right what comes after a piece that fills its buffer to the last byte', () => {
    for (let count = 0; count < 2000; count += 1) {
      const array = wrapNdArray('uint8', [count], new Uint8Array(count).fill(7));
      const bytes = Buffer.concat(encodeFields(new Map([['x', { kind: 'array', array }]])));
      expect(decodeFields(bytes).get('x')).toMatchObject({ array: { shape: [count], dtype: 'uint8' } });
    }
  });

  it('refuses to pack an image nobody has encoded', () => {
    const array = createNdArray('uint8', [1]);
    expect(codeOf(() => encodeFields(new Map([['x', { kind: 'image', form: 'nifti', array }]])))).toBe(
      'MSGPACK_INVALID',
    );
  });
});
