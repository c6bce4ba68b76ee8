import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readNifti } from '../dist/core/imaging/nifti/read.js';
import { encodeNifti } from '../dist/core/imaging/nifti/write.js';
import { wrapNdArray } from '../dist/core/tensor/ndarray.js';
import { parseChain } from '../dist/core/transforms/chain.js';
import { runChain } from '../dist/core/transforms/run-chain.js';
import { median } from './table.mjs';

export const title = 'each transform against the Python originals, numpy and scipy';

const PYTHON = process.env.GOLDEN_PYTHON ?? 'python3';
const AFFINE = [1.2, 0, 0, -90, 0, 0.9, 0, -120, 0, 0, 1.5, 30, 0, 0, 0, 1];

/** A smooth int16 volume with some noise, as a scan is. */
function scan(size) {
  const data = new Int16Array(size ** 3);
  let seed = 1;
  for (let n = 0; n < data.length; n += 1) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    data[n] = 400 + 300 * Math.sin((n % size) / 9) * Math.cos(n / size / size / 11) + (seed >>> 27);
  }
  const array = wrapNdArray('int16', [size, size, size], data, 'F');
  const original = { shape: array.shape, affine: AFFINE, source: 'array' };
  return { array, geometry: { affine: AFFINE, spatialAxes: [0, 1, 2], original } };
}

function noise(shape, center, width) {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  let seed = 7;
  for (let n = 0; n < data.length; n += 1) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    data[n] = center + width * (seed / 2 ** 31 - 1);
  }
  return { kind: 'array', array: wrapNdArray('float32', shape, data) };
}

function blobs(size) {
  const data = new Uint8Array(size ** 3);
  for (let n = 0; n < data.length; n += 1) {
    const [x, y, z] = [Math.floor(n / size / size), Math.floor(n / size) % size, n % size];
    data[n] = Math.sin(x / 5) + Math.sin(y / 6) + Math.sin(z / 4) > 0.9 ? 1 : 0;
  }
  return { kind: 'array', array: wrapNdArray('uint8', [size, size, size], data) };
}

async function time(step, value, runs) {
  const chain = parseChain([{ type: step[0], params: { fields: ['image'], ...step[1] } }], 'bench');
  const times = [];
  for (let n = 0; n <= runs + 1; n += 1) {
    const before = process.cpuUsage();
    const out = await runChain(chain, new Map([['image', value]]));
    if (out.get('image').array === undefined) throw new Error(`${step[0]} left no array`);
    const { user, system } = process.cpuUsage(before);
    if (n > 1) times.push((user + system) / 1000);
  }
  return median(times);
}

function pythonTimes(size, file, runs, note) {
  const script = path.join(import.meta.dirname, '_transforms_python.py');
  const run = spawnSync(PYTHON, [script, 'ops', String(size), file, String(runs)], { encoding: 'utf8' });
  if (run.status === 0) return JSON.parse(run.stdout);
  note(`no Python column: ${PYTHON} cannot run the originals (set GOLDEN_PYTHON to an environment of fixtures/golden)`);
  return {};
}

export default async function ({ compare, table, note, quick, scratch }) {
  const size = quick ? 96 : 160;
  const runs = quick ? 3 : 7;
  const file = path.join(scratch, 'scan.nii');
  writeFileSync(file, Buffer.concat(encodeNifti(scan(size))));
  const python = pythonTimes(size, file, runs, note);
  const image = noise([size, size, size], 100, 60);
  const scores = noise([5, size, size, size], 0, 3);
  const labels = blobs(size);
  const volume = readNifti({ bytes: Buffer.concat(encodeNifti(scan(size))) });
  const work = [
    ['NiftiToNumpy', ['NiftiToNumpy', {}], volume],
    ['ResampleNiftiVolumes linear', ['ResampleNiftiVolumes', { resolution: [1, 1, 1] }], volume],
    [
      'ResampleNiftiVolumes nearest',
      ['ResampleNiftiVolumes', { resolution: [1, 1, 1], interpolation: 'nearest' }],
      volume,
    ],
    ['Spacing linear', ['Spacing', { pixdim: [1, 1, 1] }], volume],
    ['MapValues', ['MapValues', {}], image],
    ['FixedMeanStdNormalization', ['FixedMeanStdNormalization', { mean: 100.5, std: 30.5 }], image],
    ['ThresholdValues', ['ThresholdValues', { threshold: 100 }], image],
    ['LabelMapToOneHot', ['LabelMapToOneHot', { classes: [0, 1] }], labels],
    ['CropCenteredSubVolumes', ['CropCenteredSubVolumes', { size: [size / 2, size / 2, size / 2] }], image],
    ['ZScore', ['ZScore', { nonzero: true }], image],
    ['ClipPercentile', ['ClipPercentile', {}], image],
    ['Softmax', ['Softmax', {}], scores],
    ['Argmax', ['Argmax', {}], scores],
    ['KeepLargestComponent', ['KeepLargestComponent', {}], labels],
    ['FillHoles', ['FillHoles', {}], labels],
    ['RemoveSmallComponents', ['RemoveSmallComponents', { min_voxels: 50, connectivity: 26 }], labels],
  ];
  const rows = [];
  for (const [name, step, value] of work) {
    const ms = await time(step, value, runs);
    const theirs = python[name];
    rows.push({
      transform: name,
      'ours, CPU ms': ms.toFixed(1),
      'Python, CPU ms': theirs === undefined ? '' : theirs.toFixed(1),
      'times faster': theirs === undefined ? '' : (theirs / ms).toFixed(1),
    });
  }
  table(rows, `${size}³, five channels for Softmax and Argmax`);
  note('processor time of one thread, so that other programs on the machine do not count');

  const flat = [];
  for (const edge of quick ? [64, 128] : [64, 128, 256]) {
    const small = noise([edge, edge, edge], 100, 60);
    const ms = await time(['ZScore', {}], small, 3);
    const spaced = await time(['Spacing', { pixdim: 1 }], { kind: 'image', form: 'nifti', ...scan(edge) }, 3);
    const perVoxel = (value) => ((value * 1e6) / edge ** 3).toFixed(2);
    flat.push({ size: `${edge}³`, 'ZScore ns/voxel': perVoxel(ms), 'Spacing ns/source voxel': perVoxel(spaced) });
  }
  table(flat, 'cost of a voxel by size of the volume');

  const edge = quick ? 128 : 256;
  const packed = path.join(scratch, 'scan.nii.gz');
  writeFileSync(packed, Buffer.concat(encodeNifti({ ...scan(edge), compress: true })));
  const spawn = (command, ...args) => {
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };
  const ours = path.join(import.meta.dirname, '_transforms_chain.mjs');
  const candidates = { 'ours, whole process': () => spawn(process.execPath, ours, packed) };
  if (python.MapValues !== undefined) {
    const script = path.join(import.meta.dirname, '_transforms_python.py');
    candidates['eisen-core, whole process'] = () => spawn(PYTHON, script, 'chain', packed);
  }
  await compare(candidates, { runs: 3, warm: 1, title: `read ${edge}³ .nii.gz, resample to 1 mm, normalise, crop` });
  const memory = spawn(process.execPath, ours, packed).trim().split(' ')[1];
  note(`peak memory of our process: ${(Number(memory) / 1024).toFixed(0)} MB`);
}
