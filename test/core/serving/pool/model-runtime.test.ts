import { describe, expect, it, jest } from '@jest/globals';
import type { ModelRuntime } from '../../../../src/core/serving/model-runtime.js';
import { collectReply } from '../../../../src/core/serving/whole-reply.js';
import { codeOfAsync } from '../../../support/codes.js';
import { until } from '../../../support/until.js';
import { isAlive } from '../../../support/workers/is-alive.js';
import { createScriptedLauncher, createScriptedPool, textOf } from '../../../support/workers/scripted-pool.js';

// Processes start and die here: a busy machine may take its time.
jest.setTimeout(120_000);

describe('a model that starts', () => {
  it.each([
    ['ends at once', 'exit', 'WORKER_START_FAILED', /no luck today/],
    ['is never ready', 'never', 'WORKER_START_FAILED', /startup timeout/],
    ['refuses the model', 'refuse', 'WORKER_START_FAILED', /the model is broken/],
    ['runs out of memory while loading', 'memory', 'WORKER_OUT_OF_MEMORY', /memory ceiling/],
  ])('tells the first cause when its worker %s', async (_what, start, code, reason) => {
    const { runtime } = createScriptedPool({
      launcher: createScriptedLauncher([start]),
      settings: { startupTimeoutMs: start === 'never' ? 300 : 20_000 },
    });
    const failure = await runtime
      .scale({ min: 1, max: 1 })
      .catch((error: unknown) => error as Error & { details: object });
    expect(failure).toMatchObject({ code });
    expect(JSON.stringify([(failure as Error).message, (failure as { details: object }).details])).toMatch(reason);
    expect(runtime.ready).toBe(false);
  });

  it('queues jobs until the worker is ready', async () => {
    const { runtime, ask } = createScriptedPool();
    const started = runtime.scale({ min: 1, max: 1 });
    expect(runtime.healthy).toBe(true);
    expect(runtime.ready).toBe(false);
    expect(textOf(await ask('echo early'))).toBe('echo early');
    await started;
    expect(runtime.ready).toBe(true);
  });

  it('opens the breaker after five early deaths and refuses at once', async () => {
    const { runtime, ask } = createScriptedPool({ launcher: createScriptedLauncher(['exit']) });
    await codeOfAsync(runtime.scale({ min: 1, max: 1 }));
    const queued = codeOfAsync(ask('echo'));
    await until(() => !runtime.healthy);
    expect(await queued).toBe('NO_WORKER');
    const refused = await ask('echo').catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'NO_WORKER', details: { retryAfterS: expect.any(Number) } });
    // The probe comes 30 s after the last death.
    expect((refused as { details: { retryAfterS: number } }).details.retryAfterS).toBeGreaterThan(20);
    expect(runtime.refusal).toMatchObject({ code: 'NO_WORKER' });
  }, 20_000);

  it('comes back by itself when an early death was a passing one', async () => {
    const { runtime, ask } = createScriptedPool({ launcher: createScriptedLauncher(['exit', 'exit', 'ok']) });
    await codeOfAsync(runtime.scale({ min: 1, max: 1 }));
    expect(textOf(await ask('echo'))).toBe('echo');
    expect(runtime.healthy).toBe(true);
  });
});

describe('the job queue of a model', () => {
  it('refuses without workers, when it is full, and after a cancel', async () => {
    const { runtime, ask } = createScriptedPool({ settings: { jobQueueSize: 2 } });
    expect(await codeOfAsync(ask('echo'))).toBe('NO_WORKER');
    await runtime.scale({ min: 1, max: 1 });
    const busy = ask('slow 300');
    const cancel = new AbortController();
    const gone = codeOfAsync(ask('echo gone', { signal: cancel.signal }));
    const kept = ask('echo kept');
    expect(runtime.queue).toEqual({ remainingCapacity: 0, pendingRequests: 2 });
    expect(await codeOfAsync(ask('echo'))).toBe('QUEUE_FULL');
    cancel.abort();
    expect(await gone).toBe('CANCELLED');
    expect(runtime.queue).toEqual({ remainingCapacity: 1, pendingRequests: 1 });
    expect(await codeOfAsync(ask('echo', { signal: AbortSignal.abort() }))).toBe('CANCELLED');
    expect(textOf(await kept)).toBe('echo kept');
    await busy;
  });

  it('refuses a job larger than a message can hold before it disturbs another', async () => {
    const { runtime, ask } = createScriptedPool();
    await runtime.scale({ min: 1, max: 1 });
    const value = [{ length: 2 ** 31 } as Uint8Array];
    const parameters = [{ name: 'body', contentType: '', value }];
    expect(await codeOfAsync(ask('', { parameters }))).toBe('LIMIT_EXCEEDED');
    expect(textOf(await ask('echo'))).toBe('echo');
  });

  it('drops a job that has waited past its deadline', async () => {
    const { runtime, ask } = createScriptedPool({ settings: { clientTimeoutMs: 150 } });
    await runtime.scale({ min: 1, max: 1 });
    const busy = ask('slow 400');
    expect(await codeOfAsync(ask('echo late'))).toBe('JOB_EXPIRED');
    await busy;
  });

  it('drops a job past its deadline that came back from a worker which died, too', async () => {
    const launcher = createScriptedLauncher(['ok', 'never'], 4);
    const { runtime, ask } = createScriptedPool({ launcher, settings: { clientTimeoutMs: 300 } });
    await runtime.scale({ min: 1, max: 1 });
    await ask('echo short work is sent ahead');
    const codes = [ask('exit 1'), ask('echo comes back')].map(codeOfAsync);
    expect(await Promise.all(codes)).toEqual(['WORKER_DIED', 'JOB_EXPIRED']);
  }, 5000);

  it('answers a job as soon as it can where the response timeout is zero: never', async () => {
    const { runtime, ask } = createScriptedPool({ settings: { responseTimeoutMs: 0 } });
    await runtime.scale({ min: 1, max: 1 });
    expect(await codeOfAsync(ask('slow 200'))).toBe('RESPONSE_TIMEOUT');
  });

  it('gathers a batch within the delay, and lets a describe job travel alone', async () => {
    const { runtime, ask } = createScriptedPool({ settings: { batchSize: 4, maxBatchDelayMs: 100 } });
    await runtime.scale({ min: 1, max: 1 });
    const replies = [ask('a'), ask('b'), ask('c'), ask('d', { kind: 'describe' }), ask('e')];
    const texts = (await Promise.all(replies)).map((reply) => textOf(reply).replace(/ pid=\d+/, ''));
    expect(texts).toEqual(['a rows=3', 'b rows=3', 'c rows=3', 'd rows=1', 'e rows=1']);
  });
});

describe('replies', () => {
  it('carries 64 MiB there and back without a change', async () => {
    const { runtime, ask } = createScriptedPool();
    await runtime.scale({ min: 1, max: 1 });
    const body = new Uint8Array(64 * 1024 * 1024);
    for (let n = 0; n < body.length; n += 4099) body[n] = n & 255;
    Buffer.from('echo ').copy(body);
    const reply = await ask(body);
    expect(reply.streamedBytes).toBe(body.length);
    const whole = await collectReply(reply);
    expect(whole).not.toHaveProperty('stream');
    expect(Buffer.concat(whole.body).equals(body)).toBe(true);
    expect(reply.headers).toEqual([['A', 'b']]);
    expect(reply.timing.workerMs).toBeGreaterThan(0);
  });

  it('hands on the parts of a streaming reply as they come', async () => {
    const { runtime, ask } = createScriptedPool();
    await runtime.scale({ min: 1, max: 1 });
    const reply = await ask('stream');
    const parts = [textOf(reply)];
    for await (const part of reply.stream!) parts.push(Buffer.concat(part).toString());
    expect(parts).toEqual(['part 0', 'part 1', 'part 2']);
    expect(textOf(await ask('echo after'))).toBe('echo after');
  });

  it.each([
    ['a stream', 'cut'],
    ['a long reply', 'half'],
  ])('breaks %s off with the cause when its worker dies in the middle', async (_what, word) => {
    const { runtime, ask } = createScriptedPool();
    await runtime.scale({ min: 1, max: 1 });
    const reply = await ask(word);
    expect(await codeOfAsync(collectReply(reply))).toBe('WORKER_DIED');
    await until(() => runtime.ready);
    expect(textOf(await ask('echo after'))).toBe('echo after');
  });

  it('breaks a long reply off, and ends its worker, when no more of it comes within the response timeout', async () => {
    const { runtime, ask } = createScriptedPool({ settings: { responseTimeoutMs: 300 } });
    await runtime.scale({ min: 1, max: 1 });
    const reply = await ask('stall');
    expect(reply.streamedBytes).toBe(4e6);
    expect(await codeOfAsync(collectReply(reply))).toBe('RESPONSE_TIMEOUT');
    await until(() => runtime.ready);
    expect(textOf(await ask('echo after'))).toBe('echo after');
  });

  it('a long reply to nobody costs the job it came for and none behind it', async () => {
    const { runtime, ask } = createScriptedPool({ launcher: createScriptedLauncher(['ok'], 4) });
    await runtime.scale({ min: 1, max: 1 });
    await ask('echo short work is sent ahead');
    const replies = await Promise.all([ask('stranger'), ask('echo 1'), ask('echo 2')]);
    expect(replies.map((reply) => reply.status)).toEqual([503, 200, 200]);
    expect(replies.slice(1).map(textOf)).toEqual(['echo 1', 'echo 2']);
  });

  it('keeps a long reply whole in a batch, where the others wait for it', async () => {
    const { runtime, ask } = createScriptedPool({ settings: { batchSize: 2, maxBatchDelayMs: 2000 } });
    await runtime.scale({ min: 1, max: 1 });
    const body = new Uint8Array(4e6);
    Buffer.from('echo ').copy(body);
    const [long, short] = await Promise.all([ask(body), ask('echo short')]);
    expect(long.stream).toBeUndefined();
    expect(Buffer.concat(long.body).equals(body)).toBe(true);
    expect(textOf(short)).toBe('echo short');
  });

  it.each([
    ['fail', 503, 'Prediction failed'],
    ['short', 503, 'number of batch response mismatched'],
  ])('answers every job of a batch that the handler lost: %s', async (body, status, message) => {
    const { runtime, ask } = createScriptedPool();
    await runtime.scale({ min: 1, max: 1 });
    const reply = await ask(body);
    expect(reply.status).toBe(status);
    expect(JSON.parse(textOf(reply))).toEqual({ code: status, type: 'InternalServerException', message });
  });
});

describe('scaling and stopping', () => {
  it.each<[string, (runtime: ModelRuntime) => Promise<void>]>([
    ['a stop', (runtime) => runtime.stop({ drainMs: 0 })],
    ['a scale to none before it dies', (runtime) => runtime.scale({ min: 0, max: 0 })],
  ])(
    'answers a job that was sent ahead of its turn to a worker which ends by %s',
    async (_, end) => {
      const { runtime, ask } = createScriptedPool({
        launcher: createScriptedLauncher(['ok'], 4),
        settings: { responseTimeoutMs: 300 },
      });
      await runtime.scale({ min: 1, max: 1 });
      await ask('echo short work is sent ahead');
      const codes = [ask('hang'), ask('echo ahead')].map(codeOfAsync);
      await end(runtime);
      expect((await Promise.all(codes))[1]).toBe('NO_WORKER');
    },
    5000,
  );

  it('goes up and down without losing a job', async () => {
    const { runtime, ask } = createScriptedPool();
    await runtime.scale({ min: 1, max: 1 });
    const jobs = Array.from({ length: 40 }, () => ask('slow 5'));
    await runtime.scale({ min: 3, max: 3 });
    expect(runtime.workers.map(({ status }) => status)).toEqual(['READY', 'READY', 'READY']);
    expect(new Set(runtime.workers.map(({ id }) => id)).size).toBe(3);
    const more = Array.from({ length: 40 }, () => ask('slow 5'));
    await runtime.scale({ min: 1, max: 1 });
    expect(runtime.workers).toHaveLength(1);
    expect(runtime.settings).toMatchObject({ minWorkers: 1, maxWorkers: 1 });
    expect((await Promise.all([...jobs, ...more])).every(({ status }) => status === 200)).toBe(true);
  });

  it('down answers the call before it that waits for workers that are not wanted any more', async () => {
    const { runtime } = createScriptedPool({ launcher: createScriptedLauncher(['ok', 'never']) });
    await runtime.scale({ min: 1, max: 1 });
    const more = runtime.scale({ min: 2, max: 2 });
    await runtime.scale({ min: 1, max: 1 });
    await more;
    expect(runtime.workers).toHaveLength(1);
  });

  it('down to none refuses what is queued and keeps what is running', async () => {
    const { runtime, ask } = createScriptedPool();
    await runtime.scale({ min: 1, max: 1 });
    const running = ask('slow 200');
    const queued = codeOfAsync(ask('echo'));
    await runtime.scale({ min: 0, max: 0 });
    expect(await queued).toBe('NO_WORKER');
    expect(textOf(await running)).toMatch(/^slow/);
  });

  it('drains: what was accepted is answered, then every process is gone', async () => {
    const { runtime, ask } = createScriptedPool({ settings: { minWorkers: 2 } });
    await runtime.scale({ min: 2, max: 2 });
    const pids = runtime.workers.map(({ pid }) => pid);
    const jobs = Array.from({ length: 10 }, () => ask('slow 20'));
    const stopped = runtime.stop({ drainMs: 10_000 });
    expect(await codeOfAsync(ask('echo late'))).toBe('NO_WORKER');
    expect((await Promise.all(jobs)).map(({ status }) => status)).toEqual(new Array(10).fill(200));
    await stopped;
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  it('without time to drain ends a busy worker at once and tells its job', async () => {
    const { runtime, ask } = createScriptedPool();
    await runtime.scale({ min: 1, max: 1 });
    const { pid } = runtime.workers[0]!;
    const jobs = [codeOfAsync(ask('hang')), codeOfAsync(ask('echo'))];
    await runtime.stop({ drainMs: 0 });
    expect(await Promise.all(jobs)).toEqual(['NO_WORKER', 'NO_WORKER']);
    expect(isAlive(pid)).toBe(false);
  });

  it.each([
    ['one', 1],
    ['two', 2],
  ])(
    'replaces a worker that is sent %s at a time after the jobs it may answer, without losing one',
    async (_what, depth) => {
      const launcher = createScriptedLauncher(['ok'], depth);
      const { runtime, ask } = createScriptedPool({ settings: { recycleAfterJobs: 3 }, launcher });
      await runtime.scale({ min: 1, max: 1 });
      const replies = await Promise.all(Array.from({ length: 7 }, () => ask('who')));
      const pids = replies.map((reply) => textOf(reply).split(' ')[1]);
      expect(pids.slice(0, 3)).toEqual(new Array(3).fill(pids[0]));
      expect(new Set(pids).size).toBe(3);
      expect(runtime.healthy).toBe(true);
    },
  );
});
