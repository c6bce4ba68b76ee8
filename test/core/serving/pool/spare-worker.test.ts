import type { ChildProcess } from 'node:child_process';
import os from 'node:os';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { ModelRuntime } from '../../../../src/core/serving/model-runtime.js';
import { createModelRuntime } from '../../../../src/core/serving/pool/create-model-runtime.js';
import { createSpareWorker } from '../../../../src/core/serving/pool/spare-worker.js';
import { spawnWorker } from '../../../../src/core/serving/pool/spawn-worker.js';
import { createWorkerHost, type WorkerHost } from '../../../../src/core/serving/pool/worker-host.js';
import type { WorkerLauncher } from '../../../../src/core/serving/pool/worker-launcher.js';
import { until } from '../../../support/until.js';
import { isAlive } from '../../../support/workers/is-alive.js';
import { createScriptedLauncher, SETTINGS } from '../../../support/workers/scripted-pool.js';

jest.setTimeout(60_000);

describe('a worker that is started before its model is known', () => {
  const hosts: WorkerHost[] = [];
  const started: ChildProcess[] = [];
  const runtimes: ModelRuntime[] = [];
  const openHost = (): WorkerHost => {
    const host = createWorkerHost();
    hosts.push(host);
    return host;
  };
  // A child that lives on keeps Jest from ending, so that a failed test must end its own too.
  afterEach(async () => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.stop({ drainMs: 0 })));
    for (const host of hosts.splice(0)) host.close();
  });

  const planFor =
    (launcher: WorkerLauncher, threads = 1) =>
    (folder: string) =>
      launcher.plan({ workerId: 'spare', folder, threads });

  async function firstPid(host: WorkerHost, launcher: WorkerLauncher): Promise<number> {
    const runtime = createModelRuntime({
      ...{ host, name: 'm', version: '1.0', archivePath: 'm.mar', metadata: null, launcher, settings: SETTINGS },
    });
    runtimes.push(runtime);
    await runtime.scale({ min: 1, max: 1 });
    const { pid } = runtime.workers[0]!;
    const reply = await runtime.submit({
      ...{ requestId: 'x', kind: 'predict', headers: [] },
      parameters: [{ name: 'body', contentType: '', value: [Buffer.from('echo hello')] }],
    });
    expect(Buffer.concat(reply.body).toString()).toBe('echo hello');
    await runtime.stop({ drainMs: 0 });
    return pid;
  }

  it('becomes the first worker of a model that wants the same process, and only the first', async () => {
    const host = openHost();
    const launcher = createScriptedLauncher();
    let pid: number | undefined;
    host.spare.start(planFor(launcher));
    const take = host.spare.take;
    const spied: WorkerHost = {
      ...host,
      spare: {
        ...host.spare,
        take: (plan) => {
          const taken = take(plan);
          pid ??= taken?.child.pid;
          return taken;
        },
      },
    };
    expect(await firstPid(spied, launcher)).toBe(pid);
    expect(host.spare.take(planFor(launcher))).toBeUndefined();
    expect(await firstPid(spied, launcher)).not.toBe(pid);
  });

  it('is ended when the model wants another process', async () => {
    const host = openHost();
    host.spare.start(planFor(createScriptedLauncher(['ok'])));
    const before = host.spare.take(planFor(createScriptedLauncher(['never'])));
    expect(before).toBeUndefined();
    expect(await firstPid(host, createScriptedLauncher())).toBeGreaterThan(0);
  });

  it.each(['nobody takes it', 'another takes its place'] as const)('is ended when %s', async (how) => {
    const host = openHost();
    const launcher = createScriptedLauncher();
    const spare = createSpareWorker(host.folder, (plan) => {
      const child = spawnWorker(plan);
      started.push(child);
      return child;
    });
    const watched: WorkerHost = { ...host, spare };
    watched.spare.start(planFor(launcher));
    const { pid } = started[0]!;
    expect(isAlive(pid!)).toBe(true);
    if (how === 'nobody takes it') watched.spare.drop();
    else watched.spare.start(planFor(launcher));
    await until(() => !isAlive(pid!));
    watched.spare.drop();
    expect(watched.spare.take(planFor(launcher))).toBeUndefined();
    await until(() => !started.some((child) => isAlive(child.pid!)));
  });

  it('is forgotten when it ends by itself: the model then starts a worker of its own', async () => {
    const host = openHost();
    const ending = createScriptedLauncher(['exit']);
    host.spare.start(planFor(ending));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(host.spare.take(planFor(ending))).toBeUndefined();
    expect(await firstPid(host, createScriptedLauncher())).toBeGreaterThan(0);
  });
});

describe('the process of a worker', () => {
  it('gives way to the server on a busy machine', async () => {
    const child = spawnWorker({
      ...{ command: process.execPath, args: ['-e', 'setTimeout(() => {}, 60000)'], env: {}, cwd: os.tmpdir() },
      channel: { kind: 'descriptor', fd: 3 },
    });
    const priority = os.getPriority(child.pid);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    expect(priority).toBe(Math.min(19, os.getPriority() + 5));
  });

  it('that cannot be started has no pid and tells by its error', async () => {
    const child = spawnWorker({
      ...{ command: '/nonexistent/program', args: [], env: {}, cwd: os.tmpdir() },
      channel: { kind: 'descriptor', fd: 3 },
    });
    expect(child.pid).toBeUndefined();
    expect(await new Promise<Error>((resolve) => child.once('error', resolve))).toMatchObject({ code: 'ENOENT' });
  });
});
