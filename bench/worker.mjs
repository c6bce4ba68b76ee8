import { spawn } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { NOOP_METADATA, NOOP_MODEL } from './_noop-model.mjs';

export const title = 'one worker behind its pool, without HTTP: what a prediction costs beyond session.run';

const UNET_SHAPE = [1, 1, 96, 96, 96];
const VOLUME_SHAPE = [1, 1, 256, 256, 256];
const SETTINGS = {
  ...{ minWorkers: 1, maxWorkers: 1, batchSize: 1, maxBatchDelayMs: 0, jobQueueSize: 1000, recycleAfterJobs: 0 },
  ...{ responseTimeoutMs: 300_000, startupTimeoutMs: 60_000, maxRetryTimeoutMs: 60_000, clientTimeoutMs: 0 },
  ...{ memoryLimitBytes: 0, device: 'cpu' },
};

/** A bare process with a bare session; `run` resolves when it has run once. */
async function startBare(root, model, shape) {
  const program = path.join(root, 'bench', '_bare-session.mjs');
  const child = spawn(process.execPath, [program, model, String(availableParallelism()), JSON.stringify(shape)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    run: async () => {
      child.stdin.write('run\n');
      await lines.next();
    },
    stop: () => child.kill('SIGKILL'),
  };
}

async function openPool(root) {
  const load = (file) => import(path.join(root, 'dist', 'core', file));
  const [{ createWorkerHost }, { createModelRuntime }, { createNodeLauncher }, { encodeFields }, { packArchive }] =
    await Promise.all(
      [
        'serving/pool/worker-host.js',
        'serving/pool/create-model-runtime.js',
        'serving/pool/node-launcher.js',
        'tensor/msgpack.js',
        'archive/pack-archive.js',
      ].map(load),
    );
  const { createNdArray } = await load('tensor/ndarray.js');
  const host = createWorkerHost();
  let requests = 0;
  return {
    host,
    pack: async (folder, name, model) => {
      const manifest = JSON.stringify({ runtime: 'python', model: { modelName: name, serializedFile: 'model.onnx' } });
      const content = (value) => [Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))];
      const { path: archivePath } = await packArchive({
        ...{ manifest, format: 'default', modelName: name, target: path.join(folder, `${name}.mar`), force: true },
        entries: [
          { name: 'model.onnx', content: content(model) },
          { name: 'metadata.json', content: content(NOOP_METADATA) },
        ],
      });
      return archivePath;
    },
    start: async (archivePath) => {
      const launcher = createNodeLauncher({ modelName: 'm', archivePath, batchSize: 1 });
      const settings = SETTINGS;
      const runtime = createModelRuntime({
        ...{ host, name: 'm', version: '1', archivePath, metadata: null, settings, launcher },
      });
      await runtime.scale({ min: 1, max: 1 });
      return runtime;
    },
    body: (shape) => {
      const array = createNdArray('float32', shape);
      for (let n = 0; n < array.data.length; n += 1) array.data[n] = Math.sin(n);
      return encodeFields(new Map([['image', { kind: 'array', array }]]));
    },
    ask: async (runtime, value) => {
      requests += 1;
      const reply = await runtime.submit({
        ...{ requestId: String(requests), kind: 'predict', headers: [['accept', '*/*']] },
        parameters: [{ name: 'body', contentType: '', value }],
      });
      if (reply.status !== 200) throw new Error(Buffer.concat(reply.body).toString());
    },
  };
}

export default async function ({ compare, table, note, quick, scratch, root }) {
  const pool = await openPool(root);
  const unetFile = path.join(scratch, 'unet.onnx');
  copyFileSync(path.join(root, 'fixtures', 'models', 'brain-tissue.onnx'), unetFile);
  const noopFile = path.join(scratch, 'noop.onnx');
  writeFileSync(noopFile, NOOP_MODEL);
  const stops = [];
  const start = async (model) => {
    const runtime = await pool.start(await pool.pack(scratch, `m${stops.length}`, model));
    stops.push(() => runtime.stop({ drainMs: 0 }));
    return runtime;
  };
  try {
    const unet = await start(readFileSync(unetFile));
    const noop = await start(NOOP_MODEL);
    for (const [what, runtime, file, shape, runs] of [
      ['the demo model at 96³', unet, unetFile, UNET_SHAPE, quick ? 3 : 9],
      ['64 MiB there and back through an empty model', noop, noopFile, VOLUME_SHAPE, quick ? 3 : 11],
    ]) {
      const bare = await startBare(root, file, shape);
      stops.push(bare.stop);
      const body = pool.body(shape);
      await compare(
        { 'bare session.run': bare.run, 'pool and worker': () => pool.ask(runtime, body) },
        { runs, warm: 2, title: what },
      );
    }
    const small = pool.body([1, 1, 1, 1, 2]);
    const rows = [];
    for (const at of [1, 8, 64]) {
      const seconds = quick ? 0.5 : 2;
      const end = performance.now() + seconds * 1000;
      let count = 0;
      const client = async () => {
        for (; performance.now() < end; count += 1) await pool.ask(noop, small);
      };
      await Promise.all(Array.from({ length: at }, client));
      rows.push({ 'jobs at once': at, 'predictions per second': Math.round(count / seconds) });
    }
    table(rows, 'an empty model, two floats a request');
    const starts = [];
    for (let n = 0; n < (quick ? 3 : 7); n += 1) {
      const begin = performance.now();
      const runtime = await pool.start(path.join(scratch, 'm1.mar'));
      starts.push(performance.now() - begin);
      await runtime.stop({ drainMs: 0 });
    }
    starts.sort((a, b) => a - b);
    table([{ what: 'from spawn to loaded', ms: Math.round(starts[starts.length >> 1]) }], 'start of a worker');
    note(
      'A worker is a process of its own: its tensors cross a socket, about half a millisecond for each MB both ways.',
    );
  } finally {
    for (const stop of stops) await stop();
    pool.host.close();
  }
}
