import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodeNifti } from '../../dist/core/imaging/nifti/write.js';
import { createNdArray } from '../../dist/core/tensor/ndarray.js';

const HEADERS = 200_000;
const PEAK_MIB = 200;
const MiB = 2 ** 20;

/** Streams that inflate to more than they say, or say more than they hold. */
function makeBombs(honest) {
  const lie = (edges, bytes) => {
    const header = Buffer.from(honest.subarray(0, 352));
    for (const [n, edge] of edges.entries()) header.writeInt16LE(edge, 42 + 2 * n);
    return gzipSync(Buffer.concat([header, Buffer.alloc(bytes)]));
  };
  return [
    ['a small volume that inflates to 512 MiB', lie([3, 4, 5], 512 * MiB)],
    ['a volume of 3 GiB of which nothing comes', lie([1024, 1024, 1536], 1000)],
    ['a volume of 1 GiB of which 1 MiB comes', lie([1024, 1024, 512], MiB)],
    ['a cut-off stream', lie([64, 64, 64], MiB).subarray(0, 400)],
    ['a gzip of a gzip', gzipSync(lie([3, 4, 5], 64 * MiB))],
  ];
}

export default {
  number: 9,
  title: 'damaged volumes and gzip bombs are refused by name, at once, and take no memory',
  async run({ room }) {
    const affine = [2, 0, 0, -3, 0, 2, 0, -4, 0, 0, 2, -5, 0, 0, 0, 1];
    const original = { shape: [3, 4, 5], affine, source: 'array' };
    const file = path.join(room, 'honest.nii');
    const array = createNdArray('int16', [3, 4, 5]);
    const honest = Buffer.concat(encodeNifti({ array, geometry: { affine, spatialAxes: [0, 1, 2], original } }));
    writeFileSync(file, honest);
    const bombs = path.join(room, 'bombs.json');
    writeFileSync(bombs, JSON.stringify(makeBombs(honest).map(([what, bytes]) => [what, bytes.toString('base64')])));
    const seed = Math.floor(Date.now() / 86_400_000);
    const program = path.join(import.meta.dirname, 'nifti-fuzz-program.mjs');
    const child = spawn(process.execPath, [program, String(HEADERS), String(seed), file, bombs], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    const [code] = await once(child, 'close');
    if (code !== 0) return { passed: false, code };
    const { faults, ...figures } = JSON.parse(text);
    const passed = faults === 0 && figures.peakMiB < PEAK_MIB && figures.slowestMs < 1000 && figures.refused > 1000;
    return { passed, seed, ...figures };
  },
};
