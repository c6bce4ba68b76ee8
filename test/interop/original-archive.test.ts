import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EisenServingClient } from '../../src/core/client/eisen-serving-client.js';
import { packBrain } from './brain.js';
import { peerPython, ROOT } from './peer-python.js';
import { packScaleModel } from './scale-model.js';
import { type RunningServer, startOurs, startTorchServe } from './torchserve.js';

const folder = mkdtempSync(path.join(tmpdir(), 'original-'));
const STAND_IN = path.join(ROOT, 'test', 'interop', 'stand-in');
let ours: RunningServer;
let peer: RunningServer;

/** An archive by the real eisen-deploy 0.0.2 and torch-model-archiver 0.1.1: pickled model and chains, its own handlers.py. */
function packOriginal(): string {
  const archiver = process.env['EISEN_INTEROP_OLD_ARCHIVER'] ?? path.join(ROOT, '.interop', 'archiver-0.1.1');
  const made = spawnSync(peerPython(), [path.join(ROOT, 'test', 'interop', 'make_original.py'), folder], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: `${archiver}:${STAND_IN}` },
  });
  if (made.status !== 0) throw new Error(made.stderr);
  return path.join(folder, 'original.mar');
}

beforeAll(async () => {
  const archives = { original: packOriginal(), scale: packScaleModel(folder), brain: packBrain(folder) };
  const config = ['default_workers_per_model=1'];
  peer = await startTorchServe({ archives });
  ours = await startOurs({
    archives,
    config,
    args: ['--allow-archive-code', '--python', peerPython()],
    env: { PYTHONPATH: STAND_IN },
  });
}, 180_000);

afterAll(async () => {
  await ours?.stop();
  await peer?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const image = { dtype: 'float32', shape: [2, 3], data: Float32Array.of(1, 3, 5, 7, 9, 11) } as const;

describe.each([
  ['TorchServe', () => peer],
  ['ours with --allow-archive-code', () => ours],
] as const)('our client against %s', (_title, server) => {
  const ask = (model: string, wire: 'msgpack' | 'pickle') =>
    new EisenServingClient({ url: `${server().inference}/predictions/${model}`, wire, validateInputs: true, env: {} });

  it("reads the metadata of Eisen's original handler and predicts with it, in its pickle", async () => {
    const client = ask('original', 'pickle');
    expect((await client.getMetadata()).inputs).toEqual([{ name: 'image', type: 'ndarray', shape: [-1, -1] }]);
    const { prediction } = await client.predict({ image });
    expect(prediction).toMatchObject({ dtype: 'float32', shape: [2, 3], data: Float32Array.of(0, 2, 4, 6, 8, 10) });
    client.close();
  });

  it('predicts with our own archive, in msgpack', async () => {
    const client = ask('scale', 'msgpack');
    const cube = { ...image, shape: [1, 2, 3] };
    const scale = { dtype: 'float32', shape: [], data: Float32Array.of(3) } as const;
    const reply = await client.predict({ image: cube, scale, note: 'n', tags: ['a'] });
    expect(Object.keys(reply)).toEqual(['prediction', 'image', 'note', 'tags']);
    expect(reply['prediction']).toMatchObject({ shape: [1, 2, 3], data: Float32Array.of(3, 9, 15, 21, 27, 33) });
    client.close();
  });

  it('tells a refused input from a server that is not there', async () => {
    const client = ask('scale', 'msgpack');
    await expect(client.predict({ image })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    client.close();
    const nobody = new EisenServingClient({ url: 'http://127.0.0.1:9/predictions/x', env: {} });
    await expect(nobody.getMetadata()).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
  });
});
