import { spawn, spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { writeConvModel } from './_conv-model.mjs';

export const title = 'packaging against cp, loading from an archive against an inline model, memory that workers share';

const CHILD = path.join(import.meta.dirname, '_load-model.mjs');

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (done.error !== undefined || done.status !== 0) throw new Error(`${command}: ${done.error ?? done.stderr}`);
  return done.stdout;
}

function writeRandom(file, bytes) {
  const block = randomFillSync(Buffer.allocUnsafe(16 * 1024 * 1024));
  const fd = openSync(file, 'w');
  for (let at = 0; at < bytes; at += block.length) writeSync(fd, block, 0, Math.min(block.length, bytes - at));
  fsyncSync(fd);
  closeSync(fd);
}

async function benchPackaging({ compare, note, peers, scratch, root }) {
  const { packHandlerArchive } = await import(path.join(root, 'dist', 'core', 'packaging', 'pack-handler-archive.js'));
  const weights = path.join(scratch, 'weights.bin');
  writeRandom(weights, 500_000_000);
  const out = path.join(scratch, 'out');
  mkdirSync(out);
  const copy = path.join(out, 'copy.bin');
  const options = {
    modelName: 'm',
    version: '1',
    exportPath: out,
    force: true,
    runtime: 'python',
    handler: 'base_handler',
  };
  const pack = (format) => packHandlerArchive({ ...options, format, serializedFile: weights, env: {}, warn: () => {} });
  const flags = {
    '--model-name': 'm',
    '-v': '1',
    '--handler': 'base_handler',
    '--serialized-file': weights,
    '--export-path': out,
  };
  const commandLine = [...Object.entries(flags).flat(), '-f'];
  const archive = path.join(out, 'm.mar');
  // All begin alike, without an older file: a machine's first touch of memory costs more than the copy into it.
  const afresh = (work) => () => {
    for (const file of [copy, archive]) rmSync(file, { force: true });
    return work();
  };
  const candidates = {
    cp: afresh(() => run('cp', [weights, copy])),
    'cp, then flushed to the disk': afresh(() => {
      run('cp', [weights, copy]);
      run('sync', [copy]);
    }),
    'package (CRC-32, SHA-256, flushed to the disk)': afresh(() => pack('default')),
    'eisen-deploy package, the whole command': afresh(() =>
      run(process.execPath, [path.join(root, 'bin', 'eisen-deploy.js'), 'package', ...commandLine]),
    ),
  };
  const archiver = path.join(
    process.env.EISEN_INTEROP_BIN ?? path.join(root, '.interop', 'venv', 'bin'),
    'torch-model-archiver',
  );
  const hasPeer = peers && existsSync(archiver);
  if (hasPeer) {
    candidates['torch-model-archiver'] = afresh(() =>
      run(archiver, commandLine, { env: { ...process.env, TMPDIR: scratch } }),
    );
  } else if (peers) note('torch-model-archiver was not found: set EISEN_INTEROP_BIN or run npm run test:interop once');
  const figures = await compare(candidates, { runs: hasPeer ? 3 : 5, title: 'package 500 MB of random weights' });
  const ours = figures['package (CRC-32, SHA-256, flushed to the disk)'];
  note(
    `package takes ${(ours / figures.cp).toFixed(1)} times cp (goal: 4) and ${(ours / figures['cp, then flushed to the disk']).toFixed(1)} times cp with a flush`,
  );
  if (hasPeer)
    note(
      `torch-model-archiver takes ${(figures['torch-model-archiver'] / ours).toFixed(1)} times as long as package (goal: 20)`,
    );
}

const loadMs = (mode, file, ...how) => JSON.parse(run(process.execPath, [CHILD, mode, file, ...how])).ms;

/** Proportional memory of a process in MB: pages that several share count in parts. */
const pssMb = (pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) / 1000;

async function holdTwo(mode, file) {
  const children = [1, 2].map(() =>
    spawn(process.execPath, [CHILD, mode, file, 'hold'], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  await Promise.all(children.map((child) => new Promise((resolve) => child.stdout.once('data', resolve))));
  const total = children.reduce((sum, child) => sum + pssMb(child.pid), 0);
  for (const child of children) child.stdin.end();
  await Promise.all(children.map((child) => new Promise((resolve) => child.once('close', resolve))));
  return Math.round(total);
}

async function benchLoading({ compare, note, scratch, table, root }) {
  const { packEisenArchive } = await import(path.join(root, 'dist', 'core', 'packaging', 'pack-eisen-archive.js'));
  const model = path.join(scratch, 'conv.onnx');
  writeConvModel(model, 14);
  const field = (name) => ({ name, type: 'ndarray', shape: [-1, 512, -1, -1, -1] });
  const empty = { where: 'none', steps: [] };
  await packEisenArchive({
    ...{
      model,
      modelName: 'conv',
      version: '1',
      exportPath: scratch,
      force: true,
      runtime: 'python',
      format: 'default',
      env: {},
      warn: () => {},
    },
    ...{ metadata: { inputs: [field('image')], outputs: [field('prediction')] }, pre: empty, post: empty },
  });
  const archive = path.join(scratch, 'conv.mar');
  const megabytes = Math.round(statSync(model).size / 1e6);
  // As torch-model-archiver writes it: the weights inside of the graph.
  const { packArchive } = await import(path.join(root, 'dist', 'core', 'archive', 'pack-archive.js'));
  const foreign = path.join(scratch, 'foreign.mar');
  await packArchive({
    entries: [{ name: 'model.onnx', content: [{ path: model, offset: 0, bytes: statSync(model).size }] }],
    manifest: JSON.stringify({ model: { modelName: 'foreign', serializedFile: 'model.onnx' } }),
    ...{ format: 'zip-store', modelName: 'foreign', target: foreign, force: true },
  });
  process.env.EISEN_DEPLOY_CACHE = path.join(scratch, 'cache');
  const tiny = path.join(scratch, 'tiny.onnx');
  writeConvModel(tiny, 1, 1);
  for (const [how, title] of [
    [['started', tiny], `load ${megabytes} MB of 3-D convolutions`],
    [['go'], `the same with the engine's own start (about 40 ms)`],
  ]) {
    const figures = await compare(
      {
        inline: () => loadMs('inline', model, ...how),
        'from the archive, mapped': () => loadMs('archive', archive, ...how),
        'from an archive of another tool, not for the first time': () => loadMs('archive', foreign, ...how),
      },
      { runs: 7, title },
    );
    const ratio = figures.inline / figures['from the archive, mapped'];
    note(`ready from the archive in 1/${ratio.toFixed(0)} of the time of an inline load (goal: 1/20)`);
  }
  const rows = [];
  for (const [what, mode, file] of [
    ['inline .onnx', 'inline', model],
    ['archive', 'archive', archive],
    ['archive of another tool', 'archive', foreign],
  ]) {
    rows.push({ what, 'MB of two processes': await holdTwo(mode, file) });
  }
  table(rows, `memory of two workers with ${megabytes} MB of weights each, after one run (shared pages counted once)`);
}

export default async function (tools) {
  await benchPackaging(tools);
  await benchLoading(tools);
}
