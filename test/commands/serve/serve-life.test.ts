import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { call } from '../../support/http-call.js';
import { LOOP_BODY, LOOP_METADATA, loopModel } from '../../support/loop-model.js';
import { writeModelArchive } from '../../support/model-archive.js';
import { createSite, EISEN_DEPLOY, launch, type Running, run, type Site } from '../../support/serve-program.js';

let site: Site;
beforeEach(() => {
  site = createSite();
});
afterEach(() => site.remove());

/** Some tenths of a second of work a request. */
const SLOW = 120_000n;
const JSON_BODY = { method: 'POST', headers: { 'content-type': 'application/json' }, body: LOOP_BODY };

async function writeLoop(name: string, turns: bigint): Promise<void> {
  await writeModelArchive({
    folder: path.join(site.folder, 'model_store'),
    name,
    model: loopModel(turns),
    metadata: LOOP_METADATA,
  });
}

async function serveInForeground(...args: string[]): Promise<{ server: Running; url: string }> {
  const server = launch(site, EISEN_DEPLOY, ['serve', '--port', '0', ...args]);
  await server.waitFor('Model server started.');
  return { server, url: /http:\/\/127\.0\.0\.1:\d+/.exec(server.output())![0] };
}

async function workerPids(url: string, model: string): Promise<number[]> {
  const described = JSON.parse((await call(`${url}/models/${model}`)).body) as { workers: { pid: number }[] }[];
  return described[0]!.workers.map(({ pid }) => pid);
}

/** Gone, or a zombie that waits for its parent. */
function isGone(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

async function waitUntil(condition: () => boolean, limitMs: number): Promise<boolean> {
  for (const end = Date.now() + limitMs; Date.now() < end; ) {
    if (condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return condition();
}

describe('a drain', () => {
  it('answers every accepted request, refuses new ones, ends idle and half-sent sockets and exits 0', async () => {
    await writeLoop('slow', SLOW);
    site.configure('drain_grace=20');
    const { server, url } = await serveInForeground('--ncs');
    const { port } = new URL(url);
    const [pid] = await workerPids(url, 'slow');
    const agent = new http.Agent({ keepAlive: true });
    expect((await call(`${url}/ping`, { agent })).status).toBe(200);
    const idle = net.connect(Number(port), '127.0.0.1').on('error', () => undefined);
    let isDraining = false;
    const accepted = Array.from({ length: 5 }, async () => {
      const answer = await call(`${url}/predictions/slow`, JSON_BODY);
      return { ...answer, wasDraining: isDraining };
    });
    await waitUntil(() => false, 150);
    isDraining = true;
    server.child.kill('SIGTERM');
    await waitUntil(() => false, 100);
    const late = await call(`${url}/predictions/slow`, JSON_BODY);
    const answers = await Promise.all(accepted);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    // A quick machine may answer the first before the signal; the last one it cannot.
    const closed = answers.filter(({ headers }) => headers.connection === 'close');
    expect(closed.length).toBeGreaterThan(0);
    expect(answers.length - closed.length).toBeLessThanOrEqual(
      answers.filter(({ wasDraining }) => !wasDraining).length + 1,
    );
    expect([0, 503]).toContain(late.status);
    expect((await server.finished).code).toBe(0);
    expect(isGone(pid!)).toBe(true);
    idle.destroy();
    agent.destroy();
    expect(readdirSync(path.join(site.folder, 'tmp'))).toEqual([]);
  });

  it('is cut short by a second signal, and says by its exit code that requests were lost', async () => {
    await writeLoop('endless', 2n ** 62n);
    const { server, url } = await serveInForeground('--ncs');
    const [pid] = await workerPids(url, 'endless');
    const lost = call(`${url}/predictions/endless`, JSON_BODY);
    await waitUntil(() => false, 200);
    server.child.kill('SIGTERM');
    await waitUntil(() => false, 200);
    server.child.kill('SIGTERM');
    expect((await server.finished).code).toBe(1);
    expect((await lost).status).not.toBe(200);
    expect(isGone(pid!)).toBe(true);
    expect(readdirSync(path.join(site.folder, 'tmp'))).toEqual([]);
  });
});

describe('a stop while models are still loaded', () => {
  it('is no failure of theirs, and no start', async () => {
    await writeLoop('loop', 1n);
    const server = launch(site, EISEN_DEPLOY, ['serve', '--port', '0']);
    await server.waitFor('listening on');
    server.child.kill('SIGTERM');
    const { code, stdout, stderr } = await server.finished;
    expect(stdout + stderr).not.toMatch(/ERROR|Model server started/);
    expect(stdout + stderr).toMatch(/stopped/);
    expect(code).toBe(0);
  });
});

describe('the death of the server', () => {
  it('by SIGKILL leaves no worker behind, not even one that sits in native code', async () => {
    await writeLoop('endless', 2n ** 62n);
    await writeLoop('quick', 1n);
    const { server, url } = await serveInForeground('--ncs', '--models', 'ALL', '--model-store', 'model_store');
    const pids = [...(await workerPids(url, 'endless')), ...(await workerPids(url, 'quick'))];
    void call(`${url}/predictions/endless`, JSON_BODY);
    await waitUntil(() => false, 200);
    server.child.kill('SIGKILL');
    await server.finished;
    expect(pids).toHaveLength(2);
    expect(await waitUntil(() => pids.every(isGone), 3000)).toBe(true);
    const next = await run(site, EISEN_DEPLOY, [
      'serve',
      '--start',
      '--ncs',
      '--models',
      'quick.mar',
      '--model-store',
      'model_store',
    ]);
    expect(next).toMatchObject({ code: 0, stdout: 'Removing orphan pid file.\nModel server started.\n' });
    expect(await run(site, EISEN_DEPLOY, ['serve', '--stop'])).toMatchObject({ code: 0 });
    expect(readdirSync(path.join(site.folder, 'tmp'))).toEqual([]);
  });
});

describe('one port for all APIs', () => {
  it('serves predictions, management and metrics side by side', async () => {
    await writeLoop('quick', 1n);
    const { server, url } = await serveInForeground('--ncs');
    const predicted = await call(`${url}/predictions/quick`, {
      ...JSON_BODY,
      headers: { ...JSON_BODY.headers, accept: 'application/json' },
    });
    expect(predicted.status).toBe(200);
    expect(predicted.body).toContain('2');
    expect((await call(`${url}/models`)).body).toContain('"modelName": "quick"');
    expect((await call(`${url}/metrics`)).body).toContain('# TYPE Requests2XX counter');
    server.child.kill('SIGTERM');
    expect((await server.finished).code).toBe(0);
    const log = (name: string): string => readFileSync(path.join(site.folder, 'logs', name), 'utf8');
    expect(log('access_log.log')).toMatch(/ - \/127\.0\.0\.1:\d+ "POST \/predictions\/quick HTTP\/1\.1" 200 \d+\n/);
    expect(log('ts_metrics.log')).toMatch(
      / - CPUUtilization\.Percent:[\d.]+\|#Level:Host\|#hostname:[^,]+,timestamp:\d+\n/,
    );
  });
});

describe('the log of the server', () => {
  it('tells of the models, and of a worker that was killed', async () => {
    await writeLoop('quick', 1n);
    const { server, url } = await serveInForeground('--model-store', 'model_store', '--models', 'quick.mar', '--ncs');
    const [pid] = await workerPids(url, 'quick');
    process.kill(pid!, 'SIGKILL');
    await server.waitFor('ended by signal SIGKILL');
    server.child.kill('SIGTERM');
    const { code } = await server.finished;
    const log = readFileSync(path.join(site.folder, 'logs', 'ts_log.log'), 'utf8');
    expect(log).toContain('model quick, version 1.0, was registered from quick.mar');
    expect(log.match(/ended by/g)).toHaveLength(1);
    expect(log).toMatch(new RegExp(`worker W-9000-quick_1\\.0 \\(process ${pid}\\) ended by signal SIGKILL`));
    expect(code).toBe(0);
  });
});

describe('snapshots', () => {
  it('are written at the start and at the stop, and restored only when asked', async () => {
    await writeLoop('quick', 1n);
    const first = await serveInForeground('--model-store', 'model_store', '--models', 'other=quick.mar');
    first.server.child.kill('SIGTERM');
    await first.server.finished;
    const names = readdirSync(path.join(site.folder, 'logs', 'config'));
    expect(names.map((name) => name.replace(/^\d{17}/, ''))).toEqual(['-startup.cfg', '-shutdown.cfg']);

    const plain = await serveInForeground('--model-store', 'model_store', '--ncs');
    expect((await call(`${plain.url}/models`)).body).not.toContain('other');
    plain.server.child.kill('SIGTERM');
    await plain.server.finished;

    const restored = await serveInForeground('--restore-snapshot', '--ncs');
    expect((await call(`${restored.url}/models`)).body).toContain('"modelName": "other"');
    restored.server.child.kill('SIGTERM');
    await restored.server.finished;
  });

  it.each([
    ['an empty one', () => '', /found no model_store;/],
    ['junk', () => 'junk', /found no model_store;/],
    [
      'one that is cut before its models',
      (whole: string) => whole.slice(0, whole.indexOf('model_snapshot')),
      /found no model_snapshot;/,
    ],
    ['one that is cut inside of its models', (whole: string) => whole.slice(0, -20), /model_snapshot: not JSON/],
  ])('start nothing when the newest is damaged: %s', async (_what, damage, reason) => {
    const folder = path.join(site.folder, 'logs', 'config');
    mkdirSync(folder, { recursive: true });
    const whole =
      'model_store=model_store\nenable_token_authorization=true\nmodel_snapshot={"name"\\:"n","modelCount"\\:0,"created"\\:1,"models"\\:{}}\n';
    writeFileSync(path.join(folder, '20261122185546555-startup.cfg'), whole);
    const file = path.join(folder, '20261122185546556-shutdown.cfg');
    writeFileSync(file, damage(whole));
    const refused = await run(site, EISEN_DEPLOY, [
      'serve',
      '--restore-snapshot',
      '--start',
      '--model-store',
      'model_store',
    ]);
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining(`Invalid snapshot ${file}: `) });
    expect(refused.stdout).toMatch(reason);
    expect(refused.stderr).toContain('Nothing was started.');
    expect(existsSync(path.join(site.folder, 'tmp', '.model_server.pid'))).toBe(false);
  });

  it('are said to be none where there is none to restore', async () => {
    const server = await serveInForeground('--restore-snapshot', '--ncs');
    expect(server.server.output()).toMatch(
      /--restore-snapshot: no snapshot is taken; the configuration is .*config\.properties/,
    );
    server.server.child.kill('SIGTERM');
    await server.server.finished;
  });
});
