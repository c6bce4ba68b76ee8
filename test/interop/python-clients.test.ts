import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { peerPython, ROOT } from './peer-python.js';
import { packScaleModel } from './scale-model.js';
import { type RunningServer, startOurs, startTorchServe } from './torchserve.js';

interface Verdict {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** A folder with numpy 2, put before the environment's numpy 1 on the module path. */
const NUMPY2 = process.env['EISEN_INTEROP_NUMPY2'] ?? path.join(ROOT, '.interop', 'numpy2');

const folder = mkdtempSync(path.join(tmpdir(), 'clients-'));
let ours: RunningServer;
let peer: RunningServer;

beforeAll(async () => {
  const archives = { scale: packScaleModel(folder) };
  ours = await startOurs({ archives });
  peer = await startTorchServe({ archives });
}, 180_000);

afterAll(async () => {
  await ours?.stop();
  await peer?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the checks of one Python client and gives what each of them found. */
async function runClient(wire: 'pickle' | 'msgpack', server: RunningServer, modulePath = ''): Promise<Verdict[]> {
  const script = path.join(ROOT, 'test', 'interop', 'clients.py');
  const child = spawn(peerPython(), [script, wire, `${server.inference}/predictions/scale`], {
    env: { ...process.env, PYTHONPATH: modulePath },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (piece) => {
    out += piece;
  });
  child.stderr.on('data', (piece) => {
    err += piece;
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  if (status !== 0) throw new Error(err);
  const lines = out.split('\n').filter((line) => line.startsWith('{"name"'));
  return lines.map((line) => JSON.parse(line) as Verdict);
}

describe("Eisen's own Python clients, unchanged", () => {
  it.each([
    ['eisen-deploy 0.0.2 as pip installs it, against ours', 'pickle', () => ours, 26],
    ['eisen-deploy 0.0.2 on numpy 2, against ours', 'pickle', () => ours, 26, NUMPY2],
    ['the msgpack generation, against ours', 'msgpack', () => ours, 23],
    ['the msgpack generation on numpy 2, against ours', 'msgpack', () => ours, 23, NUMPY2],
    ['the msgpack generation, against TorchServe with our archive', 'msgpack', () => peer, 23],
  ] as const)('%s: every check', async (_title, wire, server, count, modulePath = '') => {
    const verdicts = await runClient(wire, server(), modulePath);
    expect(verdicts.filter(({ ok }) => !ok)).toEqual([]);
    expect(verdicts.length).toBeGreaterThanOrEqual(count);
  });
});
