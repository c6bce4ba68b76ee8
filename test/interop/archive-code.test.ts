import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import { isAlive } from '../support/workers/is-alive.js';
import { packHandler } from './handler-archive.js';
import { post, request } from './http-post.js';
import { peerPython, ROOT } from './peer-python.js';
import { type RunningServer, startOurs, startTorchServe } from './torchserve.js';

const NAMES = ['noop', 'echo', 'status_codes', 'streaming', 'measuring'];
const folder = mkdtempSync(path.join(tmpdir(), 'code-'));
const NOTHING = new Uint8Array(0);
const STAND_IN = path.join(ROOT, 'test', 'interop', 'stand-in');
let peer: RunningServer;
let ours: RunningServer;

beforeAll(async () => {
  const archives = Object.fromEntries(NAMES.map((name) => [name, packHandler(folder, name)]));
  const config = [
    'enable_model_api=true',
    'default_response_timeout=4',
    'metrics_mode=prometheus',
    'model_metrics_auto_detect=true',
  ];
  peer = await startTorchServe({ archives, config });
  ours = await startOurs({
    archives,
    config: [...config, 'default_workers_per_model=1'],
    args: ['--allow-archive-code', '--python', peerPython()],
    env: { PYTHONPATH: STAND_IN },
  });
}, 180_000);

afterAll(async () => {
  await peer?.stop();
  await ours?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (server: RunningServer, model: string, body: Uint8Array, headers = {}) =>
  post(`${server.inference}/predictions/${model}`, body, headers);

async function manage(server: RunningServer, method: string, target: string) {
  const reply = await request(method, server.management + target, NOTHING, {});
  return { status: reply.status, json: JSON.parse(reply.body.toString()) as Record<string, unknown> };
}

interface Described {
  readonly workers: { readonly id: string; readonly status: string; readonly pid: number }[];
  readonly customizedMetadata?: unknown;
}

async function describeModel(server: RunningServer, model: string, query = ''): Promise<Described> {
  const reply = await request('GET', `${server.management}/models/${model}${query}`, NOTHING, {});
  return (JSON.parse(reply.body.toString()) as Described[])[0]!;
}

/** The metrics whose lines come from the Python worker of `measuring`: each name with its labels, and two values. */
async function samplesOf(server: RunningServer) {
  const reply = await request('GET', `${server.metrics}/metrics`, NOTHING, {});
  expect(reply.status).toBe(200);
  const lines = reply.body.toString().split('\n');
  const samples = lines.flatMap((line) => {
    const [, name, labels, value] =
      /^(WishesGranted|WishTime|PredictionTime)\{(.*ModelName="measuring".*)\} (\S+)$/.exec(line) ?? [];
    if (name === undefined) return [];
    const keys = [...labels!.matchAll(/(\w+)="/g)].map((match) => match[1]!).sort();
    return [{ name, label: `${name}:${keys.join()}`, value: Number(value) }];
  });
  const read = (wanted: string) => samples.find(({ name }) => name === wanted)?.value ?? 0;
  const labels = samples.map(({ label }) => label).sort();
  return { labels, granted: read('WishesGranted'), wishTime: read('WishTime') };
}

describe("an archive's own Python code behind TorchServe and behind ours", () => {
  it.each([
    ['noop', 'x', {}],
    ['echo', 'some bytes', {}],
    ['echo', '{"a": [1, 2]}', { 'content-type': 'application/json' }],
    ['echo', 'a text', { 'content-type': 'text/plain' }],
    ['echo', 'a=1&b=two', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['status_codes', '200', {}],
    ['status_codes', '418', {}],
    ['status_codes', '599', {}],
    ['status_codes', 'raise', {}],
    ['status_codes', 'predict', {}],
    ['status_codes', 'memory', {}],
    ['status_codes', 'short', {}],
    ['streaming', 'x', {}],
    ['measuring', 'x', {}],
  ])('%s answers %s the same: status, headers of the handler, body', async (model, body, headers) => {
    const [a, b] = await Promise.all([peer, ours].map((server) => ask(server, model, Buffer.from(body), headers)));
    expect(b!.status).toBe(a!.status);
    for (const name of ['content-type', 'x-batch', 'ts_stream_next', 'transfer-encoding'])
      expect([name, b!.headers[name]]).toEqual([name, a!.headers[name]]);
    const told = (text: string) =>
      a!.status === 200 || a!.status === 418 ? text : Object.keys(JSON.parse(text.startsWith('{') ? text : '{}'));
    if (body === '599') expect(b!.body.toString()).toBe(a!.body.toString());
    else if (a!.status < 500) expect(told(b!.body.toString())).toEqual(told(a!.body.toString()));
    else {
      const [x, y] = [a!, b!].map((reply) => JSON.parse(reply.body.toString()) as Record<string, unknown>);
      expect([y!['code'], y!['type']]).toEqual([x!['code'], x!['type']]);
    }
  });

  it('fills batches', async () => {
    const register = async (server: RunningServer) =>
      manage(
        server,
        'POST',
        '/models?url=echo.mar&model_name=batched&batch_size=4&max_batch_delay=300&initial_workers=1',
      );
    for (const server of [peer, ours]) {
      expect((await register(server)).status).toBe(200);
      const replies = await Promise.all([1, 2, 3, 4].map((n) => ask(server, 'batched', Buffer.from(`row ${n}`))));
      expect(replies.map((reply) => reply.body.toString()).sort()).toEqual(['row 1', 'row 2', 'row 3', 'row 4']);
      expect(Math.max(...replies.map((reply) => Number(reply.headers['x-batch'])))).toBeGreaterThan(1);
      expect((await manage(server, 'DELETE', '/models/batched')).status).toBe(200);
    }
  });

  it('scales up and down', async () => {
    for (const count of [3, 1]) {
      expect(
        (await manage(ours, 'PUT', `/models/noop?min_worker=${count}&max_worker=${count}&synchronous=true`)).status,
      ).toBe(200);
      await until(async () => (await describeModel(ours, 'noop')).workers.length === count);
      expect((await ask(ours, 'noop', Buffer.from('x'))).body.toString()).toBe('OK');
    }
  });

  it('describes itself when asked', async () => {
    const told = await Promise.all(
      [peer, ours].map((server) => describeModel(server, 'measuring', '?customized=true')),
    );
    expect(told[1]!.customizedMetadata).toEqual({ told: 'by the handler' });
    expect(told[1]!.customizedMetadata).toEqual(told[0]!.customizedMetadata);
  });

  it('counts what the handler measures, in /metrics under the same name, labels and value', async () => {
    const seen = [];
    for (const server of [peer, ours]) {
      const before = await samplesOf(server);
      for (const _ of [1, 2]) expect((await ask(server, 'measuring', Buffer.from('x'))).status).toBe(200);
      await until(async () => {
        const { granted, labels } = await samplesOf(server);
        return granted === before.granted + 2 && labels.length >= 3;
      });
      seen.push(await samplesOf(server));
    }
    const [theirs, mine] = seen;
    expect(mine!.labels).toEqual(theirs!.labels);
    expect(mine!.labels).toEqual(
      ['PredictionTime', 'WishTime', 'WishesGranted'].map((name) => `${name}:Hostname,Level,ModelName`),
    );
    expect(mine!.wishTime).toBe(1.5);
  });

  it('replaces a worker that ends, and tells the request that it held', async () => {
    const before = (await describeModel(ours, 'status_codes')).workers[0]!;
    const reply = await ask(ours, 'status_codes', Buffer.from('exit'));
    expect(reply.status).toBe(500);
    await until(async () => (await ask(ours, 'status_codes', Buffer.from('200'))).status === 200, 30_000);
    expect((await describeModel(ours, 'status_codes')).workers[0]!.pid).not.toBe(before.pid);
  });

  it('kills a worker that hangs, after the response timeout', async () => {
    const start = performance.now();
    expect((await ask(ours, 'status_codes', Buffer.from('hang'))).status).toBe(500);
    expect(performance.now() - start).toBeLessThan(20_000);
    await until(async () => (await ask(ours, 'status_codes', Buffer.from('200'))).status === 200, 30_000);
  });

  it('leaves no process and no folder behind', async () => {
    const pids = (await Promise.all(NAMES.map((name) => describeModel(ours, name)))).flatMap(({ workers }) =>
      workers.map(({ pid }) => pid),
    );
    expect(pids.length).toBeGreaterThanOrEqual(NAMES.length);
    await ours.stop();
    await until(async () => pids.every((pid) => !isAlive(pid)), 10_000);
  });
});

describe('a server that is killed', () => {
  it('leaves no Python worker behind, not even one that hangs in native code and holds the lock of Python', async () => {
    const server = await startOurs({
      archives: { status_codes: path.join(folder, 'status_codes.mar') },
      args: ['--allow-archive-code', '--python', peerPython()],
      env: { PYTHONPATH: STAND_IN },
    });
    try {
      const { pid } = (await describeModel(server, 'status_codes')).workers[0]!;
      const lost = ask(server, 'status_codes', Buffer.from('native')).catch(() => 'lost');
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(isAlive(pid)).toBe(true);
      const pidFile = path.join(server.folder, 'tmp', '.model_server.pid');
      process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
      expect(await lost).toBe('lost');
      await until(async () => !isAlive(pid), 5000);
    } finally {
      await server.stop();
    }
  }, 90_000);
});

describe('an archive that can only run by its own code', () => {
  it('is refused by name without the flag', async () => {
    const start = startOurs({ archives: { noop: path.join(folder, 'noop.mar') } });
    await expect(start).rejects.toThrow(/can only run by its own Python code.*MAR_LEGACY_PICKLE/s);
  }, 90_000);

  it('is refused with the reason where the interpreter has no TorchServe', async () => {
    const start = startOurs({
      archives: { noop: path.join(folder, 'noop.mar') },
      args: ['--allow-archive-code', '--python', 'no-such-python'],
    });
    await expect(start).rejects.toThrow(/no-such-python: no Python with TorchServe's worker/);
  }, 90_000);
});
