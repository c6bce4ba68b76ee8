import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { openConnection, requestHead } from './_connection.mjs';
import { findFreePorts } from './_server-process.mjs';

export const title = 'the demo model through the server against session.run in a bare Node process';

// A program of its own, as bare as it gets: one session, all cores, one array, over and over on request.
const BARE = `
import { InferenceSession, Tensor } from 'onnxruntime-node';
const [model, side] = process.argv.slice(2);
const session = await InferenceSession.create(model, { intraOpNumThreads: Number(process.argv[4]) });
const n = Number(side);
const image = new Tensor('float32', Float32Array.from({ length: n ** 3 }, (_, i) => (i % 97) / 97), [1, 1, n, n, n]);
process.on('message', async () => {
  const start = performance.now();
  await session.run({ image });
  process.send(performance.now() - start);
});
process.send('ready');
`;

/** The engine's threads spin for a while after a run: without a pause the next candidate would share its cores with them. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 200));

const next = (child) => new Promise((resolve) => child.once('message', resolve));

export default async function ({ compare, note, root, scratch }) {
  const { encodeFields } = await import('../dist/core/tensor/msgpack.js');
  const { wrapNdArray } = await import('../dist/core/tensor/ndarray.js');
  const { createMetadata, EisenServingMAR } = await import('../dist/index.js');
  const model = path.join(root, 'fixtures', 'models', 'brain-tissue.onnx');
  const store = path.join(scratch, 'store');
  mkdirSync(store);
  const axes = (channels) => [[-1, channels, -1, -1, -1]];
  const metadata = createMetadata(['image'], ['ndarray'], axes(1), ['prediction'], ['ndarray'], axes(4));
  await new EisenServingMAR([], [], metadata).pack(model, store, 'logits', '1.0');
  const labels = [{ type: 'Argmax', params: { fields: ['prediction'], axis: 1 } }];
  await new EisenServingMAR([], labels, metadata).pack(model, store, 'labels', '1.0');

  const cores = availableParallelism();
  const ports = await findFreePorts(3);
  const config = path.join(scratch, 'config.properties');
  const names = ['inference', 'management', 'metrics'];
  writeFileSync(config, names.map((name, n) => `${name}_address=http://127.0.0.1:${ports[n]}\n`).join(''));
  const flags = [
    '--foreground',
    '--ncs',
    '--model-store',
    store,
    '--models',
    'logits.mar',
    'labels.mar',
    '--ts-config',
    config,
  ];
  const env = { ...process.env, TMPDIR: scratch };
  const program = path.join(root, 'bin', 'eisen-deploy.js');
  const server = spawn(process.execPath, [program, 'serve', ...flags], { cwd: scratch, env, stdio: 'ignore' });
  const bareFile = path.join(root, '.build', 'bench-bare.mjs');
  mkdirSync(path.dirname(bareFile), { recursive: true });
  writeFileSync(bareFile, BARE);
  try {
    const url = `http://127.0.0.1:${ports[0]}`;
    for (
      let n = 0;
      !(await fetch(`${url}/ping`).then(
        (reply) => reply.ok,
        () => false,
      ));
      n += 1
    ) {
      if (n > 300) throw new Error('the server did not come up');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    for (const side of [32, 96]) {
      const data = Float32Array.from({ length: side ** 3 }, (_, i) => (i % 97) / 97);
      const image = wrapNdArray('float32', [1, 1, side, side, side], data);
      const body = Buffer.concat(encodeFields(new Map([['image', { kind: 'array', array: image }]])));
      const connection = await openConnection(ports[0]);
      const throughServe = (name) => async () => {
        await pause();
        const start = performance.now();
        const { status } = await connection.ask([requestHead('POST', `/predictions/${name}`, body.length), body]);
        if (status !== 200) throw new Error(`the server answers ${status}`);
        return performance.now() - start;
      };
      const bare = spawn(process.execPath, [bareFile, model, String(side), String(cores)], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      try {
        await next(bare);
        await compare(
          {
            'bare session.run': async () => {
              await pause();
              const answer = next(bare);
              bare.send('go');
              return answer;
            },
            'through serve, logits back': throughServe('logits'),
            'through serve, labels back': throughServe('labels'),
          },
          { runs: side === 32 ? 15 : 7, warm: 2, title: `one ${side}³ volume, one connection` },
        );
      } finally {
        bare.kill();
        connection.close();
      }
    }
  } finally {
    server.kill('SIGTERM');
    await new Promise((resolve) => server.once('exit', resolve));
  }
  note(
    'the bare process holds the array already; the server receives it by HTTP, hands it to its worker and sends four times as much back as logits, a quarter of it as labels',
  );
}
