import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { packHandler } from './handler-archive.js';
import { post, request } from './http-post.js';
import { peerPython, ROOT } from './peer-python.js';
import { type RunningServer, startOurs, startTorchServe } from './torchserve.js';

/** Other types, units and orders than the peer's own list has; families that nobody fills; most of the peer's left out. */
const METRICS = `
dimensions:
  - &model_name "ModelName"
  - &level "Level"
ts_metrics:
  counter:
    - {name: Requests2XX, unit: Replies, dimensions: [*level, Hostname]}
    - {name: ts_inference_requests_total, unit: Count, dimensions: [m, v, h]}
  gauge:
    - {name: QueueTime, unit: Milliseconds, dimensions: [Hostname, *level]}
    - {name: WorkerLoadTime, unit: Milliseconds, dimensions: [*level]}
  histogram:
    - {name: WorkerThreadTime, unit: Milliseconds, dimensions: [*level, Hostname]}
    - {name: NobodyKnows, unit: foo, dimensions: []}
model_metrics:
  counter:
    - {name: WishesGranted, unit: count, dimensions: [*model_name, *level]}
  gauge:
    - {name: Never, unit: ms, dimensions: [*model_name]}
  histogram:
    - {name: WishTime, unit: ms, dimensions: [*level, *model_name]}
`;
const folder = mkdtempSync(path.join(tmpdir(), 'metrics-'));
const servers: RunningServer[] = [];

const startOwn = (archives: Readonly<Record<string, string>>, config: readonly string[]): Promise<RunningServer> =>
  startOurs({
    archives,
    config: [...config, 'default_workers_per_model=1'],
    args: ['--allow-archive-code', '--python', peerPython()],
    env: { PYTHONPATH: path.join(ROOT, 'test', 'interop', 'stand-in') },
  });

beforeAll(async () => {
  const archives = { measuring: packHandler(folder, 'measuring') };
  const file = path.join(folder, 'metrics.yaml');
  writeFileSync(file, METRICS);
  const config = ['metrics_mode=prometheus', `metrics_config=${file}`];
  servers.push(await startTorchServe({ archives, config }));
  servers.push(await startOwn(archives, config));
}, 120_000);

afterAll(async () => {
  for (const server of servers) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function readLines(server: RunningServer): Promise<string[]> {
  const reply = await request('GET', `${server.metrics}/metrics`, new Uint8Array(0), {});
  const lines = reply.body.toString().split('\n');
  return lines.filter((line) => line !== '' && !/^(# (HELP|TYPE) )?eisen_/.test(line)).sort();
}

/** Times and the numbers of requests that waiting for the start took differ from run to run. */
const maskValues = (lines: readonly string[]): string[] =>
  lines.map((line) => line.replace(/^((?:Queue|WorkerThread|Requests|ts_)[^#]*) \S+$/, '$1 *'));

it('gives both servers the same families, labels and values of handlers', async () => {
  const seen: string[][] = [];
  for (const server of servers) {
    const granted = async (): Promise<number> => {
      const line = (await readLines(server)).find((text) => text.startsWith('WishesGranted{'));
      return Number(line?.split(' ')[1] ?? 0);
    };
    const before = await granted();
    for (const _ of [1, 2]) {
      const reply = await post(`${server.inference}/predictions/measuring`, Buffer.from('x'), {});
      expect(reply.status).toBe(200);
    }
    const deadline = Date.now() + 20_000;
    while ((await granted()) < before + 2) {
      if (Date.now() > deadline) throw new Error(`no metrics of the handler:\n${(await readLines(server)).join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    seen.push(maskValues(await readLines(server)));
  }
  const [theirs, mine] = seen;
  expect(theirs).toContain('# TYPE WishTime histogram');
  expect(theirs).toContain('NobodyKnows_count 0.0');
  expect(mine).toEqual(theirs);
});

it('starts Python workers of ours, where those of the peer end, on a file that lists nothing for them', async () => {
  const file = path.join(folder, 'server-only.yaml');
  writeFileSync(file, METRICS.slice(0, METRICS.indexOf('model_metrics')));
  const server = await startOwn({ measuring: packHandler(folder, 'measuring') }, [`metrics_config=${file}`]);
  try {
    const reply = await post(`${server.inference}/predictions/measuring`, Buffer.from('x'), {});
    expect([reply.status, reply.body.toString()]).toEqual([200, 'measured']);
    expect((await readLines(server)).join('\n')).not.toContain('WishesGranted');
  } finally {
    await server.stop();
  }
});
