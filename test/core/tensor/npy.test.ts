import { describe, expect, it } from '@jest/globals';
import { createNdArray, wrapNdArray } from '../../../src/core/tensor/ndarray.js';
import { decodeNpy, encodeNpy } from '../../../src/core/tensor/npy.js';
import { decodeNpz } from '../../../src/core/tensor/npz.js';
import { codeOf } from '../../support/codes.js';

/** The 128 bytes before the payload that numpy 1.26 writes for this header text. */
function numpyHeader(text: string): Buffer {
  const header = Buffer.alloc(128, 0x20);
  Buffer.from('934e554d505901007600', 'hex').copy(header);
  header.write(text, 10, 'latin1');
  header[127] = 0x0a;
  return header;
}

const CASES = [
  {
    name: 'float32, C order',
    array: wrapNdArray('float32', [2, 3], Float32Array.of(0, 1, 2, 3, 4, 5)),
    header: "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
    payload: '000000000000803f0000004000004040000080400000a040',
  },
  {
    name: 'int16, Fortran order',
    array: wrapNdArray('int16', [2, 3], Int16Array.of(0, 3, 1, 4, 2, 5), 'F'),
    header: "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }",
    payload: '000003000100040002000500',
  },
  {
    name: 'uint8 scalar',
    array: wrapNdArray('uint8', [], Uint8Array.of(5)),
    header: "{'descr': '|u1', 'fortran_order': False, 'shape': (), }",
    payload: '05',
  },
  {
    name: 'int64 of one axis',
    array: wrapNdArray('int64', [3], BigInt64Array.of(0n, 1n, 2n)),
    header: "{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }",
    payload: '000000000000000001000000000000000200000000000000',
  },
  {
    name: 'an axis of zero',
    array: createNdArray('float64', [0, 3]),
    header: "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 3), }",
    payload: '',
  },
];

// numpy.savez(a=int8 [0 1], b=float32 [[1 1]]) and numpy.savez_compressed(a=int8 [0 1]), numpy 1.26.
const NPZ =
  'UEsDBC0AAAAAAAAAIQA1Reom//////////8FABQAYS5ucHkBABAAggAAAAAAAACCAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJ3xpMScsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAFQSwMELQAAAAAAAAAhAFeyfBH//////////wUAFABiLm5weQEAEACIAAAAAAAAAIgAAAAAAAAAk05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AACAP1BLAQItAy0AAAAAAAAAIQA1ReomggAAAIIAAAAFAAAAAAAAAAAAAACAAQAAAABhLm5weVBLAQItAy0AAAAAAAAAIQBXsnwRiAAAAIgAAAAFAAAAAAAAAAAAAACAAbkAAABiLm5weVBLBQYAAAAAAgACAGYAAAB4AQAAAAA=';
const NPZ_COMPRESSED =
  'UEsDBC0AAAAIAAAAIQA1Reom//////////8FABQAYS5ucHkBABAAggAAAAAAAABGAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loF6Taaiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC4GRgBQSwECLQMtAAAACAAAACEANUXqJkYAAACCAAAABQAAAAAAAAAAAAAAgAEAAAAAYS5ucHlQSwUGAAAAAAEAAQAzAAAAfQAAAAAA';

describe('.npy files', () => {
  it.each(CASES)('writes the bytes of numpy.save and reads them back: $name', ({ array, header, payload }) => {
    const file = Buffer.concat([numpyHeader(header), Buffer.from(payload, 'hex')]);
    expect(Buffer.concat(encodeNpy(array)).toString('hex')).toBe(file.toString('hex'));
    expect(decodeNpy(file)).toEqual(array);
  });

  it('writes a flipped view in C order', () => {
    const array = { ...wrapNdArray('uint8', [3], Uint8Array.of(1, 2, 3)), strides: [-1], offset: 2 };
    expect([...decodeNpy(Buffer.concat(encodeNpy(array))).data]).toEqual([3, 2, 1]);
  });

  it('reads formats 2 and 3 and big-endian elements', () => {
    for (const version of [2, 3]) {
      const text = "{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }\n";
      const head = Buffer.from('934e554d50590000', 'hex');
      head[6] = version;
      const length = Buffer.alloc(4);
      length.writeUInt32LE(text.length);
      const file = Buffer.concat([head, length, Buffer.from(text), Buffer.from('0001fffe', 'hex')]);
      expect([...decodeNpy(file).data]).toEqual([1, -2]);
    }
  });

  it('reads the header of format 3 as UTF-8, those before as Latin-1', () => {
    for (const [version, word] of [
      [2, '\u00c3\u00a4'],
      [3, '\u00e4'],
    ] as const) {
      const head = Buffer.from('934e554d5059000000000000', 'hex');
      head[6] = version;
      const text = Buffer.from("{'descr': [('\u00e4', '<f4')]}");
      head.writeUInt32LE(text.length, 8);
      expect(() => decodeNpy(Buffer.concat([head, text]), 'x.npy')).toThrow(`[('${word}', '<f4')]}… is no plain array`);
    }
  });

  const good = Buffer.concat([
    numpyHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"),
    Buffer.alloc(8),
  ]);
  const changed = (at: number, value: number): Buffer => {
    const copy = Buffer.from(good);
    copy[at] = value;
    return copy;
  };
  it.each([
    ['another magic', changed(0, 1), 'NPY_INVALID'],
    ['version 9', changed(6, 9), 'NPY_INVALID'],
    ['a header longer than the file', changed(9, 0xff), 'NPY_INVALID'],
    ['a file that ends in the header', good.subarray(0, 11), 'NPY_INVALID'],
    ['a header that claims four gigabytes', Buffer.from('934e554d50590200ffffffff', 'hex'), 'NPY_INVALID'],
    ['too few elements', good.subarray(0, 132), 'TENSOR_DATA'],
    ['bytes left over', Buffer.concat([good, Buffer.alloc(1)]), 'TENSOR_DATA'],
    ['pickled objects', numpyHeader("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"), 'TENSOR_DTYPE'],
    [
      'a structured dtype',
      numpyHeader("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"),
      'NPY_INVALID',
    ],
    ['code in the header', numpyHeader("{'descr': __import__('os'), 'shape': (1,), }"), 'NPY_INVALID'],
    [
      'rank 40',
      numpyHeader(`{'descr': '<f4', 'fortran_order': False, 'shape': (${'1,'.repeat(40)}), }`.slice(0, 117)),
      'NPY_INVALID',
    ],
  ])('refuses %s', (_name, file, code) => {
    expect(codeOf(() => decodeNpy(file))).toBe(code);
  });

  it('stays quick on a long header of spaces and digits', () => {
    const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${'1 '.repeat(30_000)}`;
    const head = Buffer.from('934e554d5059020000000000', 'hex');
    head.writeUInt32LE(text.length, 8);
    expect(codeOf(() => decodeNpy(Buffer.concat([head, Buffer.from(text)])))).toBe('NPY_INVALID');
  });
});

describe('.npz files', () => {
  it('reads what numpy.savez and numpy.savez_compressed write', () => {
    const arrays = decodeNpz(Buffer.from(NPZ, 'base64'));
    expect([...arrays.keys()]).toEqual(['a', 'b']);
    expect(arrays.get('b')).toMatchObject({ dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, 1) });
    expect([...decodeNpz(Buffer.from(NPZ_COMPRESSED, 'base64')).get('a')!.data]).toEqual([0, 1]);
  });

  it.each([
    ['no zip', Buffer.alloc(40)],
    ['a short file', Buffer.from('PK')],
    ['a file cut in the middle', Buffer.from(NPZ, 'base64').subarray(200)],
    ['damaged compressed bytes', Buffer.from(Buffer.from(NPZ_COMPRESSED, 'base64')).fill(0xff, 60, 100)],
  ])('refuses %s', (_name, file) => {
    expect(codeOf(() => decodeNpz(file))).toBe('NPY_INVALID');
  });
});
