import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodeNifti } from '../dist/core/imaging/nifti/write.js';
import { workerEnvironment } from '../dist/core/serving/pool/node-launcher.js';
import { scan } from './_scan.mjs';

export const title = 'reading, resampling and voxel arithmetic against nibabel, nilearn and numpy';

const PYTHON = process.env.GOLDEN_PYTHON ?? 'python3';
const AFFINE = [-0.8, 0, 0, 100, 0, 0.9, 0, -120, 0, 0, 1.2, -70, 0, 0, 0, 1];

function ours(...args) {
  const program = path.join(import.meta.dirname, '_imaging_ours.mjs');
  const options = { encoding: 'utf8', env: workerEnvironment(process.env) };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args.map(String)], options);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

export default async function ({ table, note, quick, scratch }) {
  const size = quick ? 128 : 160;
  const runs = quick ? 3 : 5;
  const file = path.join(scratch, 'scan.nii.gz');
  const array = scan(size);
  const original = { shape: array.shape, affine: AFFINE, source: 'array' };
  const geometry = { affine: AFFINE, spatialAxes: [0, 1, 2], original };
  writeFileSync(file, encodeNifti({ array, geometry, compress: true })[0]);
  const times = ours('ops', file, size, runs);
  const python = spawnSync(PYTHON, [path.join(import.meta.dirname, '_imaging_python.py'), file, String(runs)], {
    encoding: 'utf8',
  });
  const theirs = python.status === 0 ? JSON.parse(python.stdout) : {};
  if (python.status !== 0) note(`no Python column: ${PYTHON} lacks nibabel or nilearn (set GOLDEN_PYTHON)`);
  const rows = Object.entries(times).map(([operation, [processor, wall]]) => {
    const peer = theirs[operation];
    return {
      operation,
      'ours, CPU ms': processor.toFixed(1),
      'ours, wall ms': wall.toFixed(1),
      'Python, CPU ms': peer?.[0].toFixed(1) ?? '-',
      'Python, wall ms': peer?.[1].toFixed(1) ?? '-',
      'times faster, CPU': peer ? (peer[0] / processor).toFixed(1) : '-',
      'times faster, wall': peer ? (peer[1] / wall).toFixed(1) : '-',
    };
  });
  table(rows, `${size}³ int16 to 1 mm, medians of ${runs}`);
  const sizes = quick ? [64, 128, 192] : [64, 128, 256, 384, 512];
  const flat = sizes.map((edge) => {
    const voxel = Object.entries(ours('voxel', edge)).map(([name, ns]) => [
      name.replace('resample, ', ''),
      ns.toFixed(1),
    ]);
    return { size: `${edge}³`, ...Object.fromEntries(voxel) };
  });
  table(flat, 'processor time of a result voxel, ns');
  note(
    'normalise and accumulate write into arrays that are there already, as a pipeline does; numpy makes new ones in normalise',
  );
}
