import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { readNifti } from '../../src/core/imaging/nifti/read.js';
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

function describeImage({ array, scaling, geometry }: ImageValue): Fields {
  const affine = wrapNdArray('float64', [4, 4], Float64Array.from(geometry!.affine));
  return new Map([
    ['stored', { kind: 'array', array }],
    ['scaling', { kind: 'plain', value: [scaling?.slope ?? 1, scaling?.intercept ?? 0] }],
    ['affine', { kind: 'array', array: affine }],
  ]);
}

it(`the Python handler reads and writes ${COUNT} random NIfTI files of seed ${SEED} as we do, or refuses them as we do`, () => {
  const names = new Map<string, string>();
  let [read, refused] = [0, 0];
  for (const [n, { name, arrays }] of makeCases('random_nifti.py', SEED, COUNT).entries()) {
    if (arrays['image']) continue;
    const file = path.join(folder, String(n));
    const bytes = arrays['file']!.data as Uint8Array;
    names.set(String(n), name);
    writeFileSync(`${file}.in`, bytes);
    let image: ImageValue;
    try {
      image = readNifti({ bytes, name });
    } catch (error) {
      // The handler passes over extensions, so it has no fault to find in them.
      if (/extension/.test(String(error))) rmSync(`${file}.in`);
      else refused += 1;
      continue;
    }
    read += 1;
    writeFileSync(`${file}.out`, Buffer.concat(encodeFields(describeImage(image))));
    const labels = createNdArray('uint8', image.array.shape.slice(0, 3), 'F');
    writeFileSync(
      `${file}.labels`,
      Buffer.concat(encodeNifti({ array: labels, geometry: image.geometry!, labels: true })),
    );
  }
  process.stderr.write(`NIfTI files for the Python handler: ${read} read, ${refused} refused\n`);
  const handler = path.join(ROOT, 'src/core/packaging/python');
  const program = path.join(ROOT, 'test/interop/check_nifti.py');
  const run = spawnSync(peerPython(), [program, handler, folder], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (run.status !== 0) throw new Error(run.stderr);
  const verdicts = run.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { name: string; detail: string });
  expect(verdicts).toHaveLength(read + refused);
  expect(
    verdicts.filter(({ detail }) => detail !== '').map(({ name, detail }) => `${names.get(name)}: ${detail}`),
  ).toEqual([]);
}, 300_000);
