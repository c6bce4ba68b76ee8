import { describe, expect, it } from '@jest/globals';
import { openArchive } from '../../../src/core/archive/open-archive.js';
import { packArchive } from '../../../src/core/archive/pack-archive.js';
import { encodeNifti } from '../../../src/core/imaging/nifti/write.js';
import { checkSampleReply, readSample, sampleRequest } from '../../../src/core/model/sample.js';
import { encodeFields } from '../../../src/core/tensor/msgpack.js';
import { wrapNdArray } from '../../../src/core/tensor/ndarray.js';
import { encodeNpy } from '../../../src/core/tensor/npy.js';
import { codeOf, codeOfAsync } from '../../support/codes.js';
import { createScratchFolder } from '../../support/scratch-folder.js';

const folder = createScratchFolder();
const floats = (...numbers: number[]): Uint8Array =>
  Buffer.concat(encodeNpy(wrapNdArray('float32', [numbers.length], Float32Array.from(numbers))));
const labels = (count: number, wrong: number): Uint8Array =>
  Buffer.concat(encodeNpy(wrapNdArray('uint8', [count], new Uint8Array(count).fill(1, 0, wrong))));
const packed = (name: string, ...numbers: number[]): Uint8Array =>
  Buffer.concat(
    encodeFields(
      new Map([
        [name, { kind: 'array', array: wrapNdArray('float32', [numbers.length], Float32Array.from(numbers)) }],
        ['note', { kind: 'plain', value: { classes: ['grey', 'white'], dice: 0.5 } }],
      ]),
    ),
  );
function volume(shift: number): Uint8Array {
  const affine = [1, 0, 0, shift, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const shape = [2, 2, 2];
  const geometry = { affine, spatialAxes: [0, 1, 2] as const, original: { shape, affine, source: 'array' as const } };
  return Buffer.concat(encodeNifti({ array: wrapNdArray('uint8', shape, new Uint8Array(8)), geometry }));
}
const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

const compare = (ending: string, expected: Uint8Array, found: Uint8Array): void =>
  checkSampleReply({ name: `sample/expected.${ending}`, bytes: expected }, { status: 200, body: [found] }, 'm.mar');

describe('a reply', () => {
  it.each<[string, string, Uint8Array, Uint8Array]>([
    ['floats that another processor sums in another order', 'npy', floats(1, 1000, 0), floats(1.0005, 1000.5, 0.00005)],
    ['numbers that are none in the same places', 'npy', floats(Number.NaN, Infinity), floats(Number.NaN, Infinity)],
    ['a label map with one voxel in ten thousand on the other side', 'npy', labels(20_000, 0), labels(20_000, 2)],
    ['arrays and plain data by name', 'msgpack', packed('a', 1, 2), packed('a', 1.0001, 2)],
    ['the same volume', 'nii', volume(3), volume(3)],
    ['JSON with other last digits', 'json', json({ a: [1, 2], b: 'x' }), json({ b: 'x', a: [1.0001, 2] })],
    ['the same bytes of an unknown form', 'bin', Buffer.from('x'), Buffer.from('x')],
  ])('passes: %s', (_what, ending, expected, found) => {
    expect(() => compare(ending, expected, found)).not.toThrow();
  });

  it.each<[string, string, Uint8Array, Uint8Array, RegExp]>([
    ['a float past the tolerance', 'npy', floats(1, 2), floats(1, 2.01), /1 of 2 elements differ; at 1 expected 2,/],
    ['a number that is none', 'npy', floats(1), floats(Number.NaN), /found NaN/],
    ['a label map with more than that', 'npy', labels(20_000, 0), labels(20_000, 3), /3 of 20000 elements/],
    ['one label of few', 'npy', labels(8, 0), labels(8, 1), /1 of 8/],
    ['another shape', 'npy', floats(1, 2), floats(1), /expected float32 \[2\]; found float32 \[1\]/],
    ['another dtype', 'npy', labels(1, 1), floats(1), /expected uint8/],
    ['another output', 'msgpack', packed('a', 1), packed('b', 1), /expected the outputs a, note; found b, note/],
    ['a volume that lies elsewhere', 'nii', volume(3), volume(4), /affine of reply: 1 of 16/],
    ['another text', 'json', json({ a: ['x'] }), json({ a: ['y'] }), /\/a\/0: expected "x"; found "y"/],
    ['a missing item', 'json', json({ a: 1 }), json({}), /expected an object with a; found an object with nothing/],
    ['a list for a number', 'json', json({ a: 1 }), json({ a: [1] }), /expected 1; found a list/],
    ['other bytes', 'bin', Buffer.from('x'), Buffer.from('y'), /expected/],
    ['bytes that do not decode', 'nii', volume(1), Buffer.from('garbage'), /cannot be read/],
  ])('fails: %s', (_what, ending, expected, found, message) => {
    const work = (): void => compare(ending, expected, found);
    expect(codeOf(work)).toBe('MAR_SAMPLE');
    expect(work).toThrow(message);
  });

  it('that is a refusal fails with its reason', () => {
    const refusal = { status: 400, body: [json({ code: 400, message: 'image: 2 axes' })] };
    const work = (): void => checkSampleReply({ name: 'expected.json', bytes: json({}) }, refusal, 'm.mar');
    expect(work).toThrow('m.mar: the model refuses its sample with status 400: image: 2 axes');
  });
});

describe('the request of a sample', () => {
  it.each([
    ['input.json', 'expected.nii.gz', 'application/json', 'application/x-nifti+gzip'],
    ['input.msgpack', 'expected.npy', 'application/msgpack', 'application/x-npy'],
    ['input.nii.gz', 'expected.msgpack', '', 'application/msgpack'],
    ['input.dcm', 'expected', '', '*/*'],
  ])('%s and %s: sent as %j, asking for %s', (input, expected, contentType, accept) => {
    const request = sampleRequest({ name: `sample/${input}`, bytes: Buffer.from('x') }, `sample/${expected}`);
    expect(request.headers).toEqual([['accept', accept]]);
    expect(request.body).toEqual({ name: 'body', contentType, value: Buffer.from('x') });
  });
});

describe('the sample of an archive', () => {
  const read = async (...names: string[]): ReturnType<typeof readSample> => {
    const entries = ['a.txt', ...names].map((name) => ({ name, content: [Buffer.from(name)] }));
    const target = `${folder}/m.mar`;
    await packArchive({ entries, manifest: '{"model":{}}', format: 'default', modelName: 'm', target, force: true });
    return readSample(await openArchive(target), 'm.mar');
  };

  it('is a pair, or nothing', async () => {
    expect(await read()).toBeNull();
    expect(await read('sample/input.json', 'sample/expected.json')).toMatchObject({
      input: { name: 'sample/input.json' },
      expected: { name: 'sample/expected.json' },
    });
    expect(await codeOfAsync(read('sample/input.json'))).toBe('MAR_SAMPLE');
    expect(await codeOfAsync(read('sample/expected.json'))).toBe('MAR_SAMPLE');
    expect(await codeOfAsync(read('sample/input.json', 'sample/input.npy'))).toBe('MAR_SAMPLE');
  });
});
