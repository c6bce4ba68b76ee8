// npm run demo: the whole road once, on a real scan: package a real model, serve it, predict, compare with a run without a
// server, draw a picture. Everything goes through the command line, as a person would do it; the files stay in demo-output/.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { readNifti } from '../dist/core/imaging/nifti/read.js';
import { renderOverlay } from '../dist/core/imaging/overlay.js';
import { encodePng } from '../dist/core/imaging/png.js';

const root = path.resolve(import.meta.dirname, '..');
const out = path.join(root, 'demo-output');
const program = path.join(root, 'bin', 'eisen-deploy.js');
const fixture = (...parts) => path.join('fixtures', ...parts);
const made = (...parts) => path.join('demo-output', ...parts);
const TISSUES = new Map([
  [1, 'CSF OR REST'],
  [2, 'GREY MATTER'],
  [3, 'WHITE MATTER'],
]);

const say = (line) => process.stdout.write(`${line}\n`);

/** Runs the program as a person would, with its own folder for temporary files: a server of somebody else is left alone. */
function run(...args) {
  say(`\n$ eisen-deploy ${args.join(' ')}`);
  const env = { ...process.env, TMPDIR: path.join(out, 'tmp'), LOG_LOCATION: path.join(out, 'logs') };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`eisen-deploy ${args[0]} ended with ${signal ?? `exit code ${code}`}`)),
    );
  });
}

/** Ports that nobody uses at the moment. */
async function findPorts(count) {
  const servers = [];
  for (let n = 0; n < count; n += 1) {
    const server = createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
  }
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Millilitres of each label. */
function measure(labels) {
  const { affine } = labels.geometry;
  const [a, b, c, , d, e, f, , g, h, i] = affine;
  const voxelMm3 = Math.abs(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g));
  const counts = new Map();
  for (const value of labels.array.data) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...TISSUES].map(
    ([label, name]) => `${name.toLowerCase()} ${Math.round(((counts.get(label) ?? 0) * voxelMm3) / 1000)} ml`,
  );
}

rmSync(out, { recursive: true, force: true });
mkdirSync(path.join(out, 'model_store'), { recursive: true });
mkdirSync(path.join(out, 'tmp'));
const scan = fixture('volumes', 'ch2bet.nii.gz');
const archive = made('model_store', 'brain.mar');
const [inference, management, metrics] = await findPorts(3);
const config = made('config.properties');
writeFileSync(
  path.join(root, config),
  ['inference', 'management', 'metrics']
    .map((name, n) => `${name}_address=http://127.0.0.1:${[inference, management, metrics][n]}\n`)
    .join(''),
);

const chains = ['pre', 'post'].flatMap((part) => [`--${part}-processing`, fixture('chains', `brain-${part}.json`)]);
const model = fixture('models', 'brain-tissue.onnx');
await run('metadata', 'create', '--from', model, ...chains, '-o', made('metadata.json'));
await run(
  ...['package', '--model', model, '--model-name', 'brain', '--version', '1.0'],
  ...['--metadata', made('metadata.json'), ...chains, '--export-path', made('model_store')],
);
const store = ['--model-store', made('model_store'), '--models', 'brain.mar', '--ts-config', config];
await run('serve', '--start', '--ncs', ...store);
try {
  const url = `http://127.0.0.1:${inference}/predictions/brain`;
  await run('predict', '--input', scan, '--url', url, '--output', made('segmentation.nii.gz'));
} finally {
  await run('serve', '--stop');
}
await run('predict', '--input', scan, '--model', archive, '--output', made('without-server.nii.gz'));

const segmentation = readFileSync(path.join(out, 'segmentation.nii.gz'));
if (Buffer.compare(segmentation, readFileSync(path.join(out, 'without-server.nii.gz'))) !== 0) {
  throw new Error('the segmentation of the server and that of the local run differ');
}
say('\nwith and without a server: the same bytes');

const image = readNifti({ bytes: readFileSync(path.join(root, scan)), name: scan });
const labels = readNifti({ bytes: segmentation, name: 'segmentation.nii.gz' });
if (image.geometry.affine.join() !== labels.geometry.affine.join()) throw new Error('the affines differ');
say(`on the grid of the scan, affine bit-equal: ${labels.array.shape.join('×')}`);
say(measure(labels).join(', '));

const picture = renderOverlay({
  image: image.array,
  labels: labels.array,
  affine: labels.geometry.affine,
  names: TISSUES,
});
writeFileSync(path.join(out, 'overlay.png'), encodePng(picture));
rmSync(path.join(out, 'tmp'), { recursive: true, force: true });
say(
  `\nwritten:\n  ${archive}\n  ${made('segmentation.nii.gz')}   the label map\n  ${made('without-server.nii.gz')} the same, predicted without a server\n  ${made('overlay.png')}           the picture`,
);
