// Our side of bench/transforms.mjs: node _transforms_ours.mjs SIZE FILE RUNS → JSON of [processor, wall] milliseconds of each
// transform, medians. It is started with a worker's environment, as chains run in production.
import { readFileSync } from 'node:fs';
import { readNifti } from '../dist/core/imaging/nifti/read.js';
import { wrapNdArray } from '../dist/core/tensor/ndarray.js';
import { parseChain } from '../dist/core/transforms/chain.js';
import { runChain } from '../dist/core/transforms/run-chain.js';
import { median } from './table.mjs';

const [size, file, runs] = [Number(process.argv[2]), process.argv[3], Number(process.argv[4])];

function noise(shape, center, width) {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  let seed = 7;
  for (let n = 0; n < data.length; n += 1) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    data[n] = center + width * (seed / 2 ** 31 - 1);
  }
  return { kind: 'array', array: wrapNdArray('float32', shape, data) };
}

function blobs() {
  const data = new Uint8Array(size ** 3);
  for (let n = 0; n < data.length; n += 1) {
    const [x, y, z] = [Math.floor(n / size / size), Math.floor(n / size) % size, n % size];
    data[n] = Math.sin(x / 5) + Math.sin(y / 6) + Math.sin(z / 4) > 0.9 ? 1 : 0;
  }
  return { kind: 'array', array: wrapNdArray('uint8', [size, size, size], data) };
}

async function time(type, params, value) {
  const chain = parseChain([{ type, params: { fields: ['image'], ...params } }], 'bench');
  const [processor, wall] = [[], []];
  const warm = 5;
  for (let n = 0; n < warm + runs; n += 1) {
    const start = performance.now();
    const before = process.cpuUsage();
    const out = await runChain(chain, new Map([['image', value]]));
    const { user, system } = process.cpuUsage(before);
    if (out.get('image').array === undefined) throw new Error(`${type} left no array`);
    if (n < warm) continue;
    wall.push(performance.now() - start);
    processor.push((user + system) / 1000);
  }
  return [median(processor), median(wall)];
}

const image = noise([size, size, size], 100, 60);
const scores = noise([5, size, size, size], 0, 3);
const labels = blobs();
const volume = readNifti({ bytes: readFileSync(file) });
const work = {
  NiftiToNumpy: ['NiftiToNumpy', {}, volume],
  'ResampleNiftiVolumes linear': ['ResampleNiftiVolumes', { resolution: [1, 1, 1] }, volume],
  'ResampleNiftiVolumes nearest': ['ResampleNiftiVolumes', { resolution: [1, 1, 1], interpolation: 'nearest' }, volume],
  'Spacing linear': ['Spacing', { pixdim: [1, 1, 1] }, volume],
  MapValues: ['MapValues', {}, image],
  FixedMeanStdNormalization: ['FixedMeanStdNormalization', { mean: 100.5, std: 30.5 }, image],
  ThresholdValues: ['ThresholdValues', { threshold: 100 }, image],
  LabelMapToOneHot: ['LabelMapToOneHot', { classes: [0, 1] }, labels],
  CropCenteredSubVolumes: ['CropCenteredSubVolumes', { size: [size / 2, size / 2, size / 2] }, image],
  ZScore: ['ZScore', { nonzero: true }, image],
  ClipPercentile: ['ClipPercentile', {}, image],
  Softmax: ['Softmax', {}, scores],
  Argmax: ['Argmax', {}, scores],
  KeepLargestComponent: ['KeepLargestComponent', {}, labels],
  FillHoles: ['FillHoles', {}, labels],
  RemoveSmallComponents: ['RemoveSmallComponents', { min_voxels: 50, connectivity: 26 }, labels],
};
const times = {};
for (const [name, step] of Object.entries(work)) times[name] = await time(...step);
process.stdout.write(JSON.stringify(times));
