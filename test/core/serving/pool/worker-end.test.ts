import { describe, expect, it, jest } from '@jest/globals';
import { codeOfAsync } from '../../../support/codes.js';
import { until } from '../../../support/until.js';
import { createScriptedLauncher, createScriptedPool } from '../../../support/workers/scripted-pool.js';

// Processes start and die here: a busy machine may take its time.
jest.setTimeout(120_000);

describe('the end of a worker is told', () => {
  it('with the signal that killed it, and that another is started at once', async () => {
    const { runtime, ends, ask } = createScriptedPool();
    await runtime.scale({ min: 1, max: 1 });
    await ask('echo once');
    const [{ pid, id } = { pid: 0, id: '' }] = runtime.workers;
    process.kill(pid, 'SIGKILL');
    await until(() => ends.length === 1);
    expect(ends[0]).toMatchObject({
      ...{ model: 'm', version: '1.0', workerId: id, pid, cause: 'exit', how: 'signal SIGKILL' },
      ...{ restartInMs: 0, breakerOpen: false, wasReady: true },
    });
  });

  it('with its response timeout', async () => {
    const { runtime, ends, ask } = createScriptedPool({ settings: { responseTimeoutMs: 200 } });
    await runtime.scale({ min: 1, max: 1 });
    expect(await codeOfAsync(ask('slow 60000'))).toBe('RESPONSE_TIMEOUT');
    await until(() => ends.length === 1);
    expect(ends[0]).toMatchObject({ cause: 'response-timeout', error: { code: 'RESPONSE_TIMEOUT' } });
  });

  it('with its exit code and last words, the delay of the next, and the moment when the breaker opens', async () => {
    const { runtime, ends } = createScriptedPool({ launcher: createScriptedLauncher(['exit']) });
    await codeOfAsync(runtime.scale({ min: 1, max: 1 }));
    await until(() => ends.length === 5);
    expect(ends[0]).toMatchObject({ cause: 'exit', how: expect.stringMatching(/^exit code [1-9]/), wasReady: false });
    expect(ends[0]?.lastLines?.join()).toMatch(/no luck today/);
    expect(ends.map(({ breakerOpen }) => breakerOpen)).toEqual([false, false, false, false, true]);
    expect(ends.map(({ restartInMs }) => restartInMs)).toEqual([0, 1000, 2000, 4000, 30_000]);
  });

  it('but not when it was asked for', async () => {
    const { runtime, ends } = createScriptedPool();
    await runtime.scale({ min: 2, max: 2 });
    await runtime.scale({ min: 1, max: 1 });
    await runtime.stop({ drainMs: 0 });
    expect(ends).toEqual([]);
  });
});
