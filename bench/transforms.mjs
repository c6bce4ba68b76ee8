import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodeNifti } from '../dist/core/imaging/nifti/write.js';
import { workerEnvironment } from '../dist/core/serving/pool/node-launcher.js';
import { scan } from './_scan.mjs';

export const title = 'each transform against the Python originals, numpy and scipy';

const PYTHON = process.env.GOLDEN_PYTHON ?? 'python3';
const SIZES = [1.2, 0.9, 1.5];
const AFFINE = [SIZES[0], 0, 0, -90, 0, SIZES[1], 0, -120, 0, 0, SIZES[2], 30, 0, 0, 0, 1];
const env = workerEnvironment(process.env);

function writeScan(file, size, compress) {
  const array = scan(size);
  const original = { shape: array.shape, affine: AFFINE, source: 'array' };
  const geometry = { affine: AFFINE, spatialAxes: [0, 1, 2], original };
  writeFileSync(file, Buffer.concat(encodeNifti({ array, geometry, compress })));
}

function spawn(command, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, args.map(String), { encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

const program = (name) => path.join(import.meta.dirname, name);

function pythonTimes(size, file, runs, note) {
  try {
    return JSON.parse(spawn(PYTHON, [program('_transforms_python.py'), 'ops', size, file, runs]));
  } catch {
    note(
      `no Python column: ${PYTHON} cannot run the originals (set GOLDEN_PYTHON to an environment of fixtures/golden)`,
    );
    return {};
  }
}

export default async function ({ compare, table, note, quick, scratch }) {
  let hasPython = true;
  for (const size of quick ? [96] : [96, 128, 256]) {
    const runs = size > 128 ? 5 : quick ? 15 : 25;
    const file = path.join(scratch, `scan-${size}.nii`);
    writeScan(file, size, false);
    const ours = JSON.parse(spawn(process.execPath, [program('_transforms_ours.mjs'), size, file, runs], { env }));
    const python = hasPython ? pythonTimes(size, file, Math.min(runs, 9), note) : {};
    hasPython = python.MapValues !== undefined;
    const rows = Object.entries(ours).map(([transform, [processor, wall]]) => {
      const theirs = python[transform];
      return {
        transform,
        'ours, CPU ms': processor.toFixed(2),
        'ours, wall ms': wall.toFixed(2),
        'Python, CPU ms': theirs?.[0].toFixed(2) ?? '',
        'Python, wall ms': theirs?.[1].toFixed(2) ?? '',
        'times faster, CPU': theirs ? (theirs[0] / processor).toFixed(1) : '',
        'times faster, wall': theirs ? (theirs[1] / wall).toFixed(1) : '',
      };
    });
    table(rows, `${size}³, five channels for Softmax and Argmax, medians of ${runs}`);
  }
  note(
    'CPU: processor time, user and system, all threads of ours (V8 collects and compiles beside); wall: time that passed',
  );

  const edge = quick ? 128 : 256;
  const packed = path.join(scratch, 'scan.nii.gz');
  writeScan(packed, edge, true);
  const chain = program('_transforms_chain.mjs');
  const candidates = { 'ours, whole process': () => spawn(process.execPath, [chain, packed]) };
  if (hasPython)
    candidates['eisen-core, whole process'] = () => spawn(PYTHON, [program('_transforms_python.py'), 'chain', packed]);
  await compare(candidates, { runs: 3, warm: 1, title: `read ${edge}³ .nii.gz, resample to 1 mm, normalise, crop` });

  const voxels = SIZES.map((step) => Math.ceil((edge - 1) * step) + 1).reduce((a, b) => a * b);
  const volume = (voxels * 4) / 2 ** 20;
  const ours = JSON.parse(spawn(process.execPath, [chain, packed]));
  const row = (what, { startMB, peakMB }) => ({
    what,
    'peak MB': peakMB.toFixed(0),
    'before the chain, MB': startMB.toFixed(0),
    'of the chain, MB': (peakMB - startMB).toFixed(0),
    'times the volume': ((peakMB - startMB) / volume).toFixed(2),
  });
  const rows = [row('ours', ours)];
  if (hasPython)
    rows.push(row('eisen-core', JSON.parse(spawn(PYTHON, [program('_transforms_python.py'), 'chain', packed]))));
  table(rows, `peak memory of that chain; the volume is the resampled one as float32, ${volume.toFixed(0)} MB`);
}
