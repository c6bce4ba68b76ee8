import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { accumulate, argmax, standardise } from '../dist/core/imaging/kernels/stream.js';
import { readNifti } from '../dist/core/imaging/nifti/read.js';
import { encodeNifti } from '../dist/core/imaging/nifti/write.js';
import { resampleLikeNilearn } from '../dist/core/imaging/resample/nilearn.js';
import { wrapNdArray } from '../dist/core/tensor/ndarray.js';
import { median } from './table.mjs';

export const title = 'reading, resampling and voxel arithmetic against nibabel, nilearn and numpy';

const PYTHON = process.env.GOLDEN_PYTHON ?? 'python3';
const AFFINE = [-0.8, 0, 0, 100, 0, 0.9, 0, -120, 0, 0, 1.2, -70, 0, 0, 0, 1];
const [COS, SIN] = [Math.cos(0.1), Math.sin(0.1)];
const OBLIQUE = [-0.8 * COS, -0.9 * SIN, 0, 111, -0.8 * SIN, 0.9 * COS, 0, -109, 0, 0, 1.2, -70, 0, 0, 0, 1];

/** A smooth int16 volume with some noise, as a scan is. */
function scan(size) {
  const data = new Int16Array(size ** 3);
  let seed = 1;
  for (let n = 0; n < data.length; n += 1) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    data[n] = 400 + 300 * Math.sin((n % size) / 9) * Math.cos(n / size / size / 11) + (seed >>> 27);
  }
  return wrapNdArray('int16', [size, size, size], data, 'F');
}

function noise(length) {
  let seed = 7;
  return Float32Array.from({ length }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  });
}

function time(run, runs) {
  const times = [];
  for (let n = 0; n <= runs; n += 1) {
    const start = performance.now();
    run();
    if (n > 0) times.push(performance.now() - start);
  }
  return median(times);
}

const resample = (array, affine, interpolation) => () =>
  resampleLikeNilearn({ array, affine, resolution: [1, 1, 1], interpolation });

export default async function ({ table, note, quick, scratch }) {
  const size = quick ? 128 : 256;
  const runs = quick ? 2 : 5;
  const array = scan(size);
  const file = path.join(scratch, 'scan.nii.gz');
  const original = { shape: array.shape, affine: AFFINE, source: 'array' };
  const geometry = { affine: AFFINE, spatialAxes: [0, 1, 2], original };
  writeFileSync(file, encodeNifti({ array, geometry, compress: true })[0]);
  const values = Float32Array.from(array.data);
  const [weight, sum] = [noise(values.length), new Float32Array(values.length)];
  const scores = Array.from({ length: 5 }, () => noise((size / 2) ** 3));
  const spare = new Float32Array(values.length);
  const ours = {
    'read .nii.gz': () => readNifti({ bytes: readFileSync(file) }),
    'resample, linear, axis-aligned': resample(array, AFFINE, 'linear'),
    'resample, nearest, axis-aligned': resample(array, AFFINE, 'nearest'),
    'resample, linear, oblique': resample(array, OBLIQUE, 'linear'),
    'normalise float32': () => standardise(values, { shift: 3, divisor: 7 }, spare),
    'accumulate weighted': () => accumulate(sum, values, weight),
    'argmax of 5': () => argmax(scores),
  };
  const python = spawnSync(PYTHON, [path.join(import.meta.dirname, '_imaging_python.py'), file, String(runs)], {
    encoding: 'utf8',
  });
  const theirs = python.status === 0 ? JSON.parse(python.stdout) : {};
  if (python.status !== 0) note(`no Python column: ${PYTHON} lacks nibabel or nilearn (set GOLDEN_PYTHON)`);
  const rows = Object.entries(ours).map(([name, run]) => {
    const ms = time(run, runs);
    const peer = theirs[name];
    return {
      operation: name,
      'ours ms': ms.toFixed(1),
      'Python ms': peer?.toFixed(1) ?? '-',
      'times faster': peer ? (peer / ms).toFixed(1) : '-',
    };
  });
  table(rows, `${size}³ int16 to 1 mm, medians of ${runs}`);
  const sizes = quick ? [64, 128, 192] : [64, 128, 256, 384, 512];
  table(
    sizes.map((edge) => {
      const volume = scan(edge);
      const ms = time(resample(volume, AFFINE, 'linear'), 3);
      const voxels = resample(volume, AFFINE, 'linear')().array.data.length;
      return { size: `${edge}³`, 'ns a result voxel': ((ms * 1e6) / voxels).toFixed(2) };
    }),
    'cost of axis-aligned linear resampling',
  );
  note(
    'normalise and accumulate write into arrays that are there already, as a pipeline does; numpy makes new ones in normalise',
  );
}
