import { existsSync } from 'node:fs';
import { describe, expect, it, jest } from '@jest/globals';
import { codeOfAsync } from '../../../support/codes.js';
import { until } from '../../../support/until.js';
import { isAlive } from '../../../support/workers/is-alive.js';
import { createScriptedLauncher, createScriptedPool, textOf } from '../../../support/workers/scripted-pool.js';

// Processes start and die here: a busy machine may take its time.
jest.setTimeout(120_000);

describe('a worker that misbehaves', () => {
  it.each([
    ['exits', 'exit 7', 'WORKER_DIED'],
    ['crashes in native code', 'segfault', 'WORKER_DIED'],
    ['hangs', 'hang', 'RESPONSE_TIMEOUT'],
    ['sends bytes that are no reply', 'garbage', 'WORKER_PROTOCOL'],
  ])('costs its own request only when it %s', async (_what, body, code) => {
    const { runtime, ask } = createScriptedPool({ settings: { responseTimeoutMs: body === 'hang' ? 300 : 20_000 } });
    await runtime.scale({ min: 1, max: 1 });
    expect(textOf(await ask('echo first'))).toBe('echo first');
    const pid = runtime.workers[0]!.pid;
    const bad = codeOfAsync(ask(body));
    const behind = [ask('echo a'), ask('echo b'), ask('echo c')];
    expect(await bad).toBe(code);
    expect((await Promise.all(behind)).map(textOf)).toEqual(['echo a', 'echo b', 'echo c']);
    expect(isAlive(pid)).toBe(false);
    expect(runtime.workers[0]!.id).toMatch(/^9\d{3}$/);
    expect(runtime.workers[0]!.lastError).toMatch(/died/);
  });

  it('is ended at its memory ceiling, and the next request is answered by another', async () => {
    const { runtime, ask } = createScriptedPool({ settings: { memoryLimitBytes: 220 * 1024 * 1024 } });
    await runtime.scale({ min: 1, max: 1 });
    await ask('echo');
    expect(await codeOfAsync(ask('leak'))).toBe('WORKER_OUT_OF_MEMORY');
    expect(textOf(await ask('echo again'))).toBe('echo again');
  });

  it('gets no job any more once it has been condemned, while it still dies', async () => {
    const { host, runtime, ask } = createScriptedPool();
    const watch = jest.spyOn(host.memory, 'watch');
    await runtime.scale({ min: 1, max: 1 });
    const [condemned] = watch.mock.calls[0]!;
    await ask('echo');
    condemned.kill();
    expect(runtime.ready).toBe(false);
    expect(textOf(await ask('echo again'))).toBe('echo again');
  });

  it('leaves its neighbours alone', async () => {
    const { runtime, ask } = createScriptedPool({ settings: { minWorkers: 2 } });
    await runtime.scale({ min: 2, max: 2 });
    const slow = ask('slow 300');
    const dead = codeOfAsync(ask('segfault'));
    expect(await dead).toBe('WORKER_DIED');
    expect(textOf(await slow)).toMatch(/^slow/);
  });

  it('does not take with it the small jobs that were sent ahead', async () => {
    const { runtime, ask } = createScriptedPool({ launcher: createScriptedLauncher(['ok'], 8) });
    await runtime.scale({ min: 1, max: 1 });
    for (let n = 0; n < 30; n += 1) await ask('echo warm');
    const replies = ['echo 0', 'exit 1', 'echo 2', 'echo 3', 'segfault', 'echo 5'].map((body) =>
      ask(body).then(textOf, (error: Error) => error.message),
    );
    expect(await Promise.all(replies)).toEqual([
      'echo 0',
      'Worker died: exit code 1.',
      'echo 2',
      'echo 3',
      'Worker died: signal SIGSEGV.',
      'echo 5',
    ]);
  });

  it('may be killed again and again by hand while jobs keep coming', async () => {
    const { runtime, ask } = createScriptedPool({ settings: { minWorkers: 2 } });
    await runtime.scale({ min: 2, max: 2 });
    let failed = 0;
    let kills = 0;
    const storm = setInterval(() => {
      const pid = runtime.workers.find(({ status }) => status === 'READY')?.pid;
      if (pid === undefined) return;
      kills += 1;
      process.kill(pid, 'SIGKILL');
    }, 150);
    const client = async (): Promise<void> => {
      for (let n = 0; n < 60; n += 1) {
        await ask('slow 5').catch((error: Error & { code: string }) => {
          expect(error.code).toBe('WORKER_DIED');
          failed += 1;
        });
      }
    };
    await Promise.all([client(), client(), client(), client()]);
    clearInterval(storm);
    expect(kills).toBeGreaterThan(0);
    expect(failed).toBeLessThanOrEqual(kills);
    await until(() => runtime.workers.every(({ status }) => status === 'READY'));
  });
});

describe('what a worker is given', () => {
  it('sees no token, no inherited variable and an empty private folder that goes with it', async () => {
    process.env['EISEN_DEPLOY_TOKEN'] = 'secret';
    const { runtime, host, ask } = createScriptedPool();
    await runtime.scale({ min: 1, max: 1 });
    const seen = JSON.parse(textOf(await ask('environment'))) as { env: Record<string, string>; cwd: string };
    delete process.env['EISEN_DEPLOY_TOKEN'];
    expect(JSON.stringify(seen.env)).not.toContain('secret');
    expect(seen.env['GLIBC_TUNABLES']).toContain('glibc.malloc.hugetlb=1');
    expect(Object.keys(seen.env)).not.toContain('NODE_OPTIONS');
    expect(seen.cwd.startsWith(host.folder.path)).toBe(true);
    await runtime.stop({ drainMs: 0 });
    expect(existsSync(seen.cwd)).toBe(false);
  });

  it('has its output handed on line by line', async () => {
    const { runtime, lines } = createScriptedPool();
    await runtime.scale({ min: 1, max: 1 });
    await until(() => lines.length > 0);
    expect(lines[0]).toMatchObject({
      model: 'm',
      version: '1.0',
      stream: 'stdout',
      line: expect.stringMatching(/^\[PID\]\d+$/),
    });
  });
});
