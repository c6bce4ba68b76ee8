import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { readNifti } from '../../../../src/core/imaging/nifti/read.js';
import { parseAccept } from '../../../../src/core/model/codecs/accept.js';
import { encodeReply, type ReplyRequest } from '../../../../src/core/model/codecs/encode-reply.js';
import { decodeFields } from '../../../../src/core/tensor/msgpack.js';
import { wrapNdArray } from '../../../../src/core/tensor/ndarray.js';
import { decodeNpy } from '../../../../src/core/tensor/npy.js';
import type { Fields, Value } from '../../../../src/core/tensor/value.js';
import { codeOf } from '../../../support/codes.js';

const AFFINE = [2, 0, 0, -1, 0, 2, 0, -2, 0, 0, 2, -3, 0, 0, 0, 1];
const geometry = {
  affine: AFFINE,
  spatialAxes: [0, 1, 2] as const,
  original: { shape: [2, 1, 1], affine: AFFINE, source: 'array' as const },
};
const labels: Value = {
  kind: 'image',
  form: 'nifti',
  array: wrapNdArray('uint8', [2, 1, 1], Uint8Array.of(3, 4)),
  geometry,
};
const scores: Value = { kind: 'array', array: wrapNdArray('float32', [1, 2], Float32Array.of(0.5, Number.NaN)) };
const PLAIN: ReplyRequest = { accept: undefined, wire: 'msgpack', gzipped: false };

const fieldsOf = (...pairs: [string, Value][]): Fields => new Map(pairs);
const bytesOf = (outputs: Fields, request: Partial<ReplyRequest>): Buffer =>
  Buffer.concat(encodeReply(outputs, { ...PLAIN, ...request }).body);

describe('the form of a reply', () => {
  it.each([
    ['a label map of int16', 'int16', { labels: true }, 1002],
    ['a scan of uint8 that passes through', 'uint8', {}, 0],
  ] as const)('has the intent of labels where WriteNifti says so: %s', (_, dtype, extra, intent) => {
    const array = wrapNdArray(dtype, [2, 1, 1], dtype === 'int16' ? Int16Array.of(3, 4) : Uint8Array.of(3, 4));
    const image: Value = { kind: 'image', form: 'nifti', array, geometry, extra };
    expect(bytesOf(fieldsOf(['seg', image]), { accept: 'application/x-nifti' }).readInt16LE(68)).toBe(intent);
  });

  it('is msgpack unless something else is asked for, volumes inside as NIfTI files', () => {
    const reply = encodeReply(fieldsOf(['seg', labels], ['scores', scores]), PLAIN);
    expect(reply.contentType).toBe('application/msgpack');
    const back = decodeFields(Buffer.concat(reply.body));
    expect([...back.keys()]).toEqual(['seg', 'scores']);
    const seg = back.get('seg');
    if (seg?.kind !== 'file') throw new Error('no file');
    expect([...readNifti({ bytes: seg.bytes }).array.data]).toEqual([3, 4]);
  });

  it('follows the request where Accept is open', () => {
    expect(encodeReply(fieldsOf(['s', scores]), { ...PLAIN, wire: 'json' }).contentType).toBe('application/json');
    const pickle = encodeReply(fieldsOf(['s', scores]), { ...PLAIN, wire: 'pickle', accept: '*/*' });
    expect(pickle.contentType).toBe('');
    expect(Buffer.concat(pickle.body).subarray(0, 2).toString('hex')).toBe('8004');
  });

  it('is JSON as nested lists, what JSON cannot say as null, files in base64', () => {
    const file: Value = { kind: 'file', bytes: Buffer.from('hi') };
    const text = bytesOf(fieldsOf(['s', scores], ['f', file], ['p', { kind: 'plain', value: { big: 2n ** 60n } }]), {
      accept: 'application/json',
    });
    expect(JSON.parse(text.toString())).toEqual({
      s: [[0.5, null]],
      f: { b64: 'aGk=' },
      p: { big: '1152921504606846976' },
    });
  });

  it('is a NIfTI file, gzipped when the request was or when that is asked for', () => {
    const outputs = fieldsOf(['seg', labels], ['scores', scores]);
    const plain = bytesOf(outputs, { accept: 'application/x-nifti' });
    expect(plain.readInt32LE(0)).toBe(348);
    for (const request of [
      { accept: 'application/x-nifti', gzipped: true },
      { accept: 'application/x-nifti+gzip' },
      { accept: 'application/gzip' },
    ]) {
      expect(readNifti({ bytes: gunzipSync(bytesOf(outputs, request)) }).geometry?.affine).toEqual(AFFINE);
    }
    expect(encodeReply(outputs, { ...PLAIN, accept: 'application/x-nifti' }).headers).toEqual([
      ['x-eisen-output', 'seg'],
    ]);
  });

  it('is the .npy file of the only array', () => {
    const npy = decodeNpy(bytesOf(fieldsOf(['scores', scores]), { accept: 'application/x-npy' }));
    expect(npy.shape).toEqual([1, 2]);
  });

  it('is the .npy file of the only volume: labels stay whole numbers, scaled values are float32', () => {
    const read = (value: Value) => decodeNpy(bytesOf(fieldsOf(['seg', value]), { accept: 'application/x-npy' }));
    expect(read(labels).dtype).toBe(labels.array.dtype);
    expect(read({ ...labels, scaling: { slope: 1, intercept: 0 } }).dtype).toBe(labels.array.dtype);
    expect(read({ ...labels, scaling: { slope: 0.5, intercept: 0 } }).dtype).toBe('float32');
  });

  it('is one part an output when several files are asked for', () => {
    const reply = encodeReply(fieldsOf(['seg', labels], ['scores', scores], ['n', { kind: 'plain', value: 3 }]), {
      ...{ ...PLAIN, accept: 'multipart/mixed' },
    });
    const text = Buffer.concat(reply.body).toString('latin1');
    const boundary = /boundary=(\S+)/.exec(reply.contentType)![1]!;
    expect(text.split(`--${boundary}`)).toHaveLength(5);
    expect(text).toContain('name="seg"; filename="seg.nii"');
    expect(text).toContain('name="scores"; filename="scores.npy"');
    expect(text).toContain('{"n":3}');
    expect(text.endsWith(`--${boundary}--\r\n`)).toBe(true);
  });

  it('is a picture that the chain has written', () => {
    const png: Value = { kind: 'file', bytes: Buffer.from('png'), contentType: 'image/png' };
    expect(bytesOf(fieldsOf(['view', png], ['seg', labels]), { accept: 'image/png' }).toString()).toBe('png');
  });

  it.each([
    ['a type nobody writes', 'application/pdf', fieldsOf(['seg', labels])],
    ['NIfTI without a volume', 'application/x-nifti', fieldsOf(['scores', scores])],
    ['NIfTI of two volumes', 'application/x-nifti', fieldsOf(['a', labels], ['b', labels])],
  ])('is refused for %s', (_name, accept, outputs) => {
    expect(codeOf(() => encodeReply(outputs, { ...PLAIN, accept }))).toBe('NOT_ACCEPTABLE');
  });

  it('falls back to the next accepted one', () => {
    const request = { ...PLAIN, accept: 'application/x-nifti, application/json;q=0.5' };
    expect(encodeReply(fieldsOf(['scores', scores]), request).contentType).toBe('application/json');
  });
});

describe('an Accept header', () => {
  it.each([
    [undefined, [null]],
    ['*/*', [null]],
    ['', [null]],
    ['application/json;q=0.1, application/x-npy', ['npy', 'json']],
    ['text/html, */*;q=0.1', [null]],
    ['application/json;q=0, application/x-nifti', ['nifti']],
    ['APPLICATION/JSON', ['json']],
  ])('%s', (header, forms) => {
    expect(parseAccept(header).map(({ form }) => form)).toEqual(forms);
  });
});
