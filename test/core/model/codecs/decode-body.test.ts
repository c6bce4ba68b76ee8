import { describe, expect, it } from '@jest/globals';
import type { TensorDescription } from '../../../../src/core/metadata/metadata.js';
import { decodeBody } from '../../../../src/core/model/codecs/decode-body.js';
import { kindOfBytes, kindOfType } from '../../../../src/core/model/codecs/sniff.js';
import type { HandlerRow } from '../../../../src/core/model/handler-row.js';
import { encodeFields } from '../../../../src/core/tensor/msgpack.js';
import { wrapNdArray } from '../../../../src/core/tensor/ndarray.js';
import { encodeNpy } from '../../../../src/core/tensor/npy.js';
import { codeOf } from '../../../support/codes.js';

const input = (name: string, type: string): TensorDescription => ({ name, type, shape: [-1] });
const ONE = [input('image', 'ndarray')];
const TWO = [input('t1', 'nifti'), input('age', 'ndarray')];

const array = wrapNdArray('float32', [2], Float32Array.of(1, 2));
const MSGPACK = Buffer.concat(encodeFields(new Map([['image', { kind: 'array', array }]])));
const NPY = Buffer.concat(encodeNpy(array));
const NIFTI = Buffer.alloc(352);
NIFTI.writeInt32LE(348, 0);
const GZIP = Buffer.from('1f8b0800', 'hex');

function row(...parts: [string, string, Uint8Array | string][]): HandlerRow {
  const parameters = parts.map(([name, contentType, value]) => ({
    ...{ name, contentType, value: typeof value === 'string' ? Buffer.from(value) : value },
  }));
  return { headers: [], parameters };
}
const bare = (contentType: string, value: Uint8Array | string): HandlerRow => row(['body', contentType, value]);

describe('a bare body', () => {
  it.each([
    ['Eisen client: msgpack without a content type', '', MSGPACK, 'msgpack'],
    ['msgpack as octet-stream', 'application/octet-stream', MSGPACK, 'msgpack'],
    ['msgpack by name', 'application/x-msgpack', MSGPACK, 'msgpack'],
    ['JSON lists', 'application/json', '{"image":[1.5,2]}', 'json'],
    ['JSON without a content type', '', '{"image":[1.5,2]}', 'json'],
    [
      'JSON with the wire form of arrays',
      'application/json',
      '{"image":{"__ndarray__":true,"data":"AACAPwAAAEA=","shape":[2],"type":"float32"}}',
      'json',
    ],
    ['npy by type', 'application/x-npy', NPY, 'file'],
    ['npy by its first bytes', '', NPY, 'file'],
  ])('becomes an array of the input: %s', (_name, contentType, value, wire) => {
    const body = decodeBody(bare(contentType, value), ONE)!;
    expect(body.wire).toBe(wire);
    const image = body.fields.get('image');
    expect(image?.kind === 'array' && image.array.shape).toEqual([2]);
  });

  it.each(['nifti', 'dicom', 'image'])('stays a file, an .npy too, where %s is declared', (type) => {
    const fields = ['', 'application/x-npy'].map((mime) => decodeBody(bare(mime, NPY), [input('image', type)])!.fields);
    const part = decodeBody(row(['image', 'application/x-npy', NPY]), [input('image', type), input('b', 'str')])!;
    for (const map of [...fields, part.fields]) {
      expect(map.get('image')).toMatchObject({ kind: 'file' });
    }
  });

  it.each([
    ['a gzip without a content type, as curl -T sends it', '', GZIP, true],
    ['a gzip by its type', 'application/gzip', GZIP, true],
    ['a NIfTI header', '', NIFTI, false],
    ['an image by its type', 'image/png', '\x89PNG', false],
    ['DICOM by its type', 'application/dicom', 'x', false],
  ])('stays a file for the only input: %s', (_name, contentType, value, gzipped) => {
    const body = decodeBody(bare(contentType, value), ONE)!;
    expect(body).toMatchObject({ wire: 'file', gzipped });
    expect(body.fields.get('image')).toMatchObject({ kind: 'file' });
  });

  it('asks for the metadata when it is empty or absent', () => {
    expect(decodeBody(bare('', ''), ONE)).toBeNull();
    expect(decodeBody(row(), ONE)).toBeNull();
  });

  it.each([
    ['application/x-www-form-urlencoded', '5', true],
    ['multipart/form-data; boundary=b', '7', true],
    ['application/x-www-form-urlencoded', '0', false],
  ])(
    'of a form without a field (%s, %s bytes) is no question for the metadata when it holds something',
    (type, bytes, isForm) => {
      const headers: HandlerRow['headers'] = [
        ['Content-Type', type],
        ['Content-Length', bytes],
      ];
      const body = decodeBody({ ...row(), headers }, ONE);
      expect(body?.fields.size).toBe(isForm ? 0 : undefined);
    },
  );

  it('of a text goes to the only input', () => {
    expect(decodeBody(bare('text/plain', 'hallo'), [input('q', 'str')])!.fields.get('q')).toEqual({
      kind: 'plain',
      value: 'hallo',
    });
  });

  it.each([
    ['garbage', bare('', Buffer.from('c1c1', 'hex')), ONE],
    ['broken JSON', bare('application/json', '{"image":'), ONE],
    ['JSON that is a number', bare('application/json', '3'), ONE],
    ['an unknown type', bare('application/pdf', '%PDF'), ONE],
    ['a file where there are two inputs', bare('', GZIP), TWO],
    ['an array without a shape', bare('application/json', '{"image":{"__ndarray__":true,"data":"AAAA"}}'), ONE],
    ['a pickle that calls something', bare('', Buffer.from('80035f63', 'hex')), ONE],
    ['ragged lists', bare('application/json', '{"image":[[1,2],[3]]}'), ONE],
  ])('is refused with the reason: %s', (_name, given, inputs) => {
    expect(codeOf(() => decodeBody(given, inputs))).toBe('BODY_UNDECODABLE');
  });

  it('of a pickle names itself by its first bytes, whatever type it claims to have none', () => {
    expect(kindOfBytes(Buffer.from('8004950000', 'hex'))).toBe('pickle');
    expect(kindOfType('application/x-pickle')).toBe('unknown');
  });

  it('that starts as a PNG is no map of nine keys', () => {
    expect(kindOfBytes(Buffer.from('89504e470d0a1a0a', 'hex'))).toBe('file');
    expect(kindOfBytes(Buffer.from('89a178', 'hex'))).toBe('msgpack');
  });
});

describe('a form', () => {
  it('has one part an input, each read as its type or the metadata says', () => {
    const body = decodeBody(row(['t1', 'application/octet-stream', GZIP], ['age', '', '[42]']), TWO)!;
    expect(body).toMatchObject({ wire: 'form', gzipped: true });
    expect(body.fields.get('t1')).toMatchObject({ kind: 'file' });
    expect(body.fields.get('age')).toMatchObject({ kind: 'array', array: { dtype: 'int64', shape: [1] } });
  });

  it('takes npy, JSON and text parts', () => {
    const inputs = [input('a', 'ndarray'), input('b', 'json'), input('c', 'str')];
    const body = decodeBody(
      row(['a', '', NPY], ['b', 'application/json', '{"k":1}'], ['c', 'text/plain', '{"x"']),
      inputs,
    )!;
    expect(body.fields.get('a')).toMatchObject({ kind: 'array' });
    expect(body.fields.get('b')).toEqual({ kind: 'plain', value: { k: 1 } });
    expect(body.fields.get('c')).toEqual({ kind: 'plain', value: '{"x"' });
  });

  it('with a part called body is a bare body', () => {
    expect(decodeBody(row(['data', '', MSGPACK]), ONE)!.wire).toBe('msgpack');
  });

  it('with a damaged part is refused by the name of the part', () => {
    expect(() => decodeBody(row(['t1', '', GZIP], ['age', 'application/json', '[4']), TWO)).toThrow(/age/);
  });
});
