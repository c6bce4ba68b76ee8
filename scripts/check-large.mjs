// npm run check:large: sends a 512×512×600 float32 volume (630 MB) through the server, an Identity model in the middle, gets as
// much back, and tells the most memory that each process held (VmHWM; Linux only). Not part of npm test: it takes about a minute.
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NOOP_METADATA, NOOP_MODEL } from '../bench/_noop-model.mjs';
import { findFreePorts } from '../bench/_server-process.mjs';
import { encodeNifti } from '../dist/core/imaging/nifti/write.js';
import { createNdArray } from '../dist/core/tensor/ndarray.js';

const root = path.resolve(import.meta.dirname, '..');
const program = path.join(root, 'bin', 'eisen-deploy.js');
const folder = mkdtempSync(path.join(tmpdir(), 'eisen-large-'));
const place = (name) => path.join(folder, name);
const env = { ...process.env, TMPDIR: place('tmp') };
const SHAPE = [512, 512, 600];
const AFFINE = [-0.7, 0, 0, 180, 0, 0.7, 0, -200, 0, 0, 1.25, -400, 0, 0, 0, 1];
const MB = 1e6;

const run = (...args) => {
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: folder, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`eisen-deploy ${args[0]}: exit ${status}: ${stderr}`);
};

/** The header of a real volume, then its voxels slab by slab: this program must not be what needs the memory. */
function writeVolume(file) {
  const [nx, ny, nz] = SHAPE;
  const small = createNdArray('float32', [nx, ny, 1], 'F');
  const geometry = {
    affine: AFFINE,
    spatialAxes: [0, 1, 2],
    original: { shape: [nx, ny, 1], affine: AFFINE, source: 'array' },
  };
  const header = Buffer.from(encodeNifti({ array: small, geometry })[0]);
  header.writeInt16LE(nz, 46);
  const handle = openSync(file, 'w');
  writeSync(handle, header);
  const slab = new Float32Array(nx * ny);
  for (let z = 0; z < nz; z += 1) {
    for (let n = 0; n < slab.length; n += 1) slab[n] = ((n * 2654435761 + z * 40503) % 4096) - 1024;
    writeSync(handle, new Uint8Array(slab.buffer));
  }
  closeSync(handle);
}

function sameBytes(a, b, from) {
  const [one, two] = [openSync(a, 'r'), openSync(b, 'r')];
  const [left, right] = [Buffer.alloc(8 * MB), Buffer.alloc(8 * MB)];
  try {
    for (let at = from; ; at += left.length) {
      const [n, m] = [readSync(one, left, 0, left.length, at), readSync(two, right, 0, right.length, at)];
      if (n !== m || Buffer.compare(left.subarray(0, n), right.subarray(0, m)) !== 0) return false;
      if (n === 0) return true;
    }
  } finally {
    closeSync(one);
    closeSync(two);
  }
}

/** Processes below this one, or with these words on their command line, and the most memory each has held. */
function peaks(pids) {
  return pids.map((pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024);
}

const childrenOf = (pid) =>
  readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
    } catch {
      return false;
    }
  });

async function predict(url) {
  const client = spawn(
    process.execPath,
    [
      program,
      'predict',
      '--quiet',
      '--force',
      '--input',
      place('vol.nii'),
      '--url',
      url,
      '--output',
      place('back.nii'),
    ],
    { env },
  );
  let [peak, errors] = [0, ''];
  client.stderr.on('data', (text) => {
    errors += text;
  });
  const watch = setInterval(() => {
    try {
      peak = Math.max(peak, ...peaks([client.pid]));
    } catch {
      // It has just ended.
    }
  }, 50);
  const code = await new Promise((resolve) => client.once('exit', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`predict: exit ${code}: ${errors}`);
  return peak;
}

try {
  for (const name of ['tmp', 'store']) mkdirSync(place(name));
  writeVolume(place('vol.nii'));
  writeFileSync(place('noop.onnx'), NOOP_MODEL);
  writeFileSync(place('metadata.json'), JSON.stringify(NOOP_METADATA));
  const step = (type, params = {}) => ({ type, params: { fields: ['image'], ...params } });
  writeFileSync(
    place('pre.json'),
    JSON.stringify([step('LoadImage'), step('NiftiToNumpy'), step('AddChannelDimension'), step('AddBatchDimension')]),
  );
  const back = { fields: ['prediction'] };
  writeFileSync(
    place('post.json'),
    JSON.stringify([
      step('Squeeze', { ...back, axis: 0 }),
      step('Squeeze', { ...back, axis: 0 }),
      step('WriteNifti', { ...back, reference: 'image' }),
    ]),
  );
  run(
    ...[
      'package',
      '--model',
      place('noop.onnx'),
      '--model-name',
      'noop',
      '--version',
      '1.0',
      '--metadata',
      place('metadata.json'),
    ],
    ...[
      '--pre-processing',
      place('pre.json'),
      '--post-processing',
      place('post.json'),
      '--export-path',
      place('store'),
    ],
  );
  const ports = await findFreePorts(3);
  const names = ['inference', 'management', 'metrics'];
  writeFileSync(
    place('config.properties'),
    // A machine that is busy with other things must not turn a figure of memory into a timeout.
    `default_response_timeout=900\n${names.map((name, n) => `${name}_address=http://127.0.0.1:${ports[n]}\n`).join('')}`,
  );
  const flags = [
    '--ncs',
    '--model-store',
    place('store'),
    '--models',
    'noop.mar',
    '--ts-config',
    place('config.properties'),
  ];
  const server = spawn(process.execPath, [program, 'serve', '--foreground', ...flags], {
    cwd: folder,
    env,
    stdio: 'ignore',
  });
  try {
    for (let tries = 0; ; tries += 1) {
      const up = await fetch(`http://127.0.0.1:${ports[0]}/ping`).then(
        (reply) => reply.ok,
        () => false,
      );
      if (up) break;
      if (tries > 300) throw new Error('the server did not come up');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const bytes = statSync(place('vol.nii')).size;
    const show = (value) => `${Math.round(value / MB)} MB (${(value / bytes).toFixed(2)} × the volume)`;
    for (let round = 1; round <= 2; round += 1) {
      const start = performance.now();
      const client = await predict(`http://127.0.0.1:${ports[0]}/predictions/noop`);
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      if (!sameBytes(place('vol.nii'), place('back.nii'), 352)) throw new Error('the voxels that came back differ');
      const [main] = peaks([server.pid]);
      const workers = peaks(childrenOf(server.pid));
      process.stdout.write(
        `${show(bytes)} there and back in ${seconds} s; at most: server ${show(main)}, worker ${show(Math.max(...workers))}, client ${show(client)}\n`,
      );
    }
  } finally {
    server.kill('SIGTERM');
    await new Promise((resolve) => server.once('exit', resolve));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
