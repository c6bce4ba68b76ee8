// Our side of bench/imaging.mjs, started with a worker's environment: `ops FILE SIZE RUNS` → JSON of [processor, wall]
// milliseconds, medians; `voxel EDGE` → nanoseconds of processor time of a result voxel for each way to resample.
import { readFileSync } from 'node:fs';
import { argmax } from '../dist/core/imaging/kernels/argmax.js';
import { accumulate, standardise } from '../dist/core/imaging/kernels/stream.js';
import { readNifti } from '../dist/core/imaging/nifti/read.js';
import { resampleLikeNilearn } from '../dist/core/imaging/resample/nilearn.js';
import { scan } from './_scan.mjs';
import { median } from './table.mjs';

const AFFINE = [-0.8, 0, 0, 100, 0, 0.9, 0, -120, 0, 0, 1.2, -70, 0, 0, 0, 1];
const [COS, SIN] = [Math.cos(0.1), Math.sin(0.1)];
const OBLIQUE = [-0.8 * COS, -0.9 * SIN, 0, 111, -0.8 * SIN, 0.9 * COS, 0, -109, 0, 0, 1.2, -70, 0, 0, 0, 1];

function noise(length) {
  let seed = 7;
  return Float32Array.from({ length }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  });
}

function time(run, runs, warm = 5) {
  const [processor, wall] = [[], []];
  for (let n = 0; n < warm + runs; n += 1) {
    const start = performance.now();
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    if (n < warm) continue;
    wall.push(performance.now() - start);
    processor.push((user + system) / 1000);
  }
  return [median(processor), median(wall)];
}

const ways = (array) => {
  const resample = (affine, interpolation) => () =>
    resampleLikeNilearn({ array, affine, resolution: [1, 1, 1], interpolation });
  return {
    'resample, linear, axis-aligned': resample(AFFINE, 'linear'),
    'resample, linear, oblique': resample(OBLIQUE, 'linear'),
    'resample, nearest, axis-aligned': resample(AFFINE, 'nearest'),
    'resample, nearest, oblique': resample(OBLIQUE, 'nearest'),
  };
};

function operations(file, size, runs) {
  const array = scan(size);
  const values = Float32Array.from(array.data);
  const [weight, sum] = [noise(values.length), new Float32Array(values.length)];
  const scores = Array.from({ length: 5 }, () => noise((size / 2) ** 3));
  const spare = new Float32Array(values.length);
  const work = {
    'read .nii.gz': () => readNifti({ bytes: readFileSync(file) }),
    ...ways(array),
    'normalise float32': () => standardise(values, { shift: 3, divisor: 7 }, spare),
    'accumulate weighted': () => accumulate(sum, values, weight),
    'argmax of 5': () => argmax(scores),
  };
  return Object.fromEntries(Object.entries(work).map(([name, run]) => [name, time(run, runs)]));
}

function perVoxel(edge) {
  const array = scan(edge);
  return Object.fromEntries(
    Object.entries(ways(array)).map(([name, run]) => {
      const voxels = run().array.data.length;
      const [processor] = edge > 256 ? time(run, 1, 0) : time(run, 3, edge > 64 ? 0 : 9);
      return [name, (processor * 1e6) / voxels];
    }),
  );
}

const [mode, ...rest] = process.argv.slice(2);
const result = mode === 'voxel' ? perVoxel(Number(rest[0])) : operations(rest[0], Number(rest[1]), Number(rest[2]));
process.stdout.write(JSON.stringify(result));
