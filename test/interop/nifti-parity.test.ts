import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it } from '@jest/globals';
import { type HeaderView, viewHeader } from '../../src/core/imaging/nifti/fields.js';
import { type NiftiFacts, readNifti } from '../../src/core/imaging/nifti/read.js';
import { encodeNifti } from '../../src/core/imaging/nifti/write.js';
import { encodeFields } from '../../src/core/tensor/msgpack.js';
import { createNdArray, wrapNdArray } from '../../src/core/tensor/ndarray.js';
import type { Fields, ImageValue } from '../../src/core/tensor/value.js';
import { makeCases } from './golden-python.js';
import { peerPython, ROOT } from './peer-python.js';

const COUNT = process.env['NIFTI_COUNT'] ?? '1500';
const SEED = process.env['NIFTI_SEED'] ?? '20261124';
const folder = mkdtempSync(path.join(tmpdir(), 'nifti-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function describeImage({ array, scaling, geometry, extra }: ImageValue): Fields {
  const affine = wrapNdArray('float64', [4, 4], Float64Array.from(geometry!.affine));
  const zooms = Float64Array.from((extra as unknown as NiftiFacts).zooms);
  return new Map([
    ['stored', { kind: 'array', array }],
    ['scaling', { kind: 'plain', value: [scaling?.slope ?? 1, scaling?.intercept ?? 0] }],
    ['affine', { kind: 'array', array: affine }],
    ['zooms', { kind: 'array', array: wrapNdArray('float64', [zooms.length], zooms) }],
  ]);
}

/** Writes what we make of a file beside it, nothing where we refuse; true when it was read. */
function writeCase(file: string, bytes: Uint8Array): boolean {
  writeFileSync(`${file}.in`, bytes);
  let image: ImageValue;
  try {
    image = readNifti({ bytes });
  } catch {
    return false;
  }
  writeFileSync(`${file}.out`, Buffer.concat(encodeFields(describeImage(image))));
  const labels = createNdArray('uint8', image.array.shape.slice(0, 3), 'F');
  const pieces = encodeNifti({ array: labels, geometry: image.geometry!, labels: true });
  writeFileSync(`${file}.labels`, Buffer.concat(pieces));
  return true;
}

/** Lets the Python handler read every file, in the order of `files`; says of which we read, and what the handler did otherwise. */
function compareAll(files: readonly { readonly name: string; readonly bytes: Uint8Array }[]) {
  const here = mkdtempSync(path.join(folder, 'cases-'));
  const read = files.map(({ bytes }, n) => writeCase(path.join(here, String(n)), bytes));
  const handler = path.join(ROOT, 'src/core/packaging/python');
  const program = path.join(ROOT, 'test/interop/check_nifti.py');
  const run = spawnSync(peerPython(), [program, handler, here], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (run.status !== 0) throw new Error(run.stderr);
  const verdicts = run.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { name: string; detail: string });
  expect(verdicts).toHaveLength(files.length);
  const apart = verdicts.filter(({ detail }) => detail !== '');
  return { read, apart: apart.map(({ name, detail }) => `${files[Number(name)]!.name}: ${detail}`) };
}

it(`the Python handler reads and writes the single files among ${COUNT} random ones of seed ${SEED} as we do, or refuses them as we do`, () => {
  const files = makeCases('random_nifti.py', SEED, COUNT)
    .filter(({ arrays }) => arrays['image'] === undefined)
    .map(({ name, arrays }) => ({ name, bytes: arrays['file']!.data as Uint8Array }));
  const { read, apart } = compareAll(files);
  const count = read.filter(Boolean).length;
  process.stderr.write(`NIfTI files for the Python handler: ${count} read, ${read.length - count} refused\n`);
  expect(apart).toEqual([]);
  expect(count).toBeGreaterThan(Number(COUNT) / 3);
}, 300_000);

function smallFile(version: 1 | 2, edit: (header: HeaderView, bytes: Uint8Array) => void = () => {}): Uint8Array {
  const start = version === 1 ? 352 : 544;
  const bytes = new Uint8Array(start + 32);
  bytes.set(Buffer.from(version === 1 ? 'n+1\0' : 'n+2\0\r\n\x1a\n', 'latin1'), version === 1 ? 344 : 4);
  const header = viewHeader(bytes, version, true);
  for (const [n, length] of [4, 2, 2, 2, 1].entries()) header.set('dim', length, n);
  for (let n = 1; n < 8; n += 1) header.set('pixdim', 1.1, n);
  header.set('datatype', 2);
  header.set('bitpix', 8);
  header.set('vox_offset', start);
  edit(header, bytes);
  return bytes;
}

const pair = (offset: number) =>
  smallFile(1, (header, bytes) => {
    bytes[345] = 0x69;
    header.set('vox_offset', offset);
  });
const extension = (size: number, offset = 368) =>
  smallFile(1, (header, bytes) => {
    bytes[348] = 1;
    header.set('vox_offset', offset);
    new DataView(bytes.buffer).setInt32(352, size, true);
  });
const behind = (length: number, value = 0) => new Uint8Array(length).fill(value);

const EDGES: readonly [name: string, isRead: boolean, bytes: Uint8Array][] = [
  ['a step that float32 cannot hold', true, smallFile(2)],
  ['an infinite repetition time', true, smallFile(2, (header) => header.set('pixdim', Number.POSITIVE_INFINITY, 4))],
  ['the magic of a pair', true, pair(16)],
  ['the magic of a pair and voxels before the file', false, pair(-16)],
  ['an extension', true, extension(16)],
  ['an extension that reaches into the voxels', false, extension(1 << 20)],
  ['an extension of no length', false, extension(0)],
  ['extensions of unknown length', false, extension(16, 0)],
  [
    'two gzip members',
    true,
    Buffer.concat([gzipSync(smallFile(1).subarray(0, 100)), gzipSync(smallFile(1).subarray(100))]),
  ],
  ['zeros behind gzip', true, Buffer.concat([gzipSync(smallFile(1)), behind(100)])],
  ['other bytes behind gzip', false, Buffer.concat([gzipSync(smallFile(1)), behind(100, 7)])],
  ['gzip without its end', false, gzipSync(smallFile(1)).subarray(0, -4)],
  ['gzip with a wrong checksum', false, Buffer.concat([gzipSync(smallFile(1)).subarray(0, -8), behind(8)])],
  ['gzip of a little more than the header says', true, gzipSync(Buffer.concat([smallFile(1), behind(60_000)]))],
  ['gzip of much more than the header says', false, gzipSync(Buffer.concat([smallFile(1), behind(70_000)]))],
  ['gzip of much less than the header says', false, gzipSync(smallFile(1, (header) => header.set('dim', 32767, 1)))],
];

it('the Python handler reads and refuses what is rare or damaged as we do', () => {
  const { read, apart } = compareAll(EDGES.map(([name, , bytes]) => ({ name, bytes })));
  expect(apart).toEqual([]);
  expect(EDGES.map(([name], n) => [name, read[n]])).toEqual(EDGES.map(([name, isRead]) => [name, isRead]));
});
