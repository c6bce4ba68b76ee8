import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { decideBatch, type QueuedJob } from '../../../../src/core/serving/pool/decide-batch.js';
import { chooseLeaver, chooseSlot } from '../../../../src/core/serving/pool/dispatch-rules.js';
import { createLineSplitter } from '../../../../src/core/serving/pool/line-splitter.js';
import { chooseToKill } from '../../../../src/core/serving/pool/memory-guard.js';
import { parseModelConfig } from '../../../../src/core/serving/pool/model-config.js';
import { mergeSettings } from '../../../../src/core/serving/pool/model-settings.js';
import { createPartStream } from '../../../../src/core/serving/pool/part-stream.js';
import type { PendingJob } from '../../../../src/core/serving/pool/pending-job.js';
import { machineMemory, readProcessMemory } from '../../../../src/core/serving/pool/process-memory.js';
import { refuseJob } from '../../../../src/core/serving/pool/refuse-job.js';
import {
  afterReady,
  decideRestart,
  HEALTHY,
  mayRecover,
  type RestartState,
} from '../../../../src/core/serving/pool/restart-policy.js';
import { createRunFolder, sweepRunFolders } from '../../../../src/core/serving/pool/run-folder.js';
import { createWaitList, waitAtMost } from '../../../../src/core/serving/pool/wait-list.js';
import type { WorkerSlot } from '../../../../src/core/serving/pool/worker-slot.js';
import { codeOf } from '../../../support/codes.js';
import { createScratchFolder } from '../../../support/scratch-folder.js';
import { SETTINGS } from '../../../support/workers/scripted-pool.js';

const scratch = createScratchFolder();

describe('when a batch leaves', () => {
  const job = (enqueuedAt: number, kind: QueuedJob['kind'] = 'predict'): QueuedJob => ({ kind, enqueuedAt });
  const rules = { batchSize: 3, maxBatchDelayMs: 100 };
  it.each([
    ['nothing is queued', [], 0, rules, { action: 'idle' }],
    ['batching is off', [job(0), job(0)], 0, { batchSize: 1, maxBatchDelayMs: 100 }, { action: 'send', count: 1 }],
    ['one job is early', [job(0)], 30, rules, { action: 'wait', delayMs: 70 }],
    ['the window has passed', [job(0), job(90)], 100, rules, { action: 'send', count: 2 }],
    ['the batch is full', [job(0), job(1), job(2), job(3)], 3, rules, { action: 'send', count: 3 }],
    ['a describe job comes first', [job(0, 'describe'), job(0)], 0, rules, { action: 'send', count: 1 }],
    ['a describe job closes the batch', [job(0), job(0), job(0, 'describe')], 0, rules, { action: 'send', count: 2 }],
    ['there is no window', [job(5)], 5, { batchSize: 3, maxBatchDelayMs: 0 }, { action: 'send', count: 1 }],
  ] as const)('%s', (_name, queue, now, given, expected) => {
    expect(decideBatch(queue, now, given)).toEqual(expected);
  });
});

describe('where the next job goes', () => {
  const slot = (flights: number, isReady = true) => ({ flights, isReady }) as WorkerSlot;
  const job = (bytes: number) => ({ bytes }) as PendingJob;
  const small = job(100);
  it.each<[string, WorkerSlot[], PendingJob, number, number]>([
    ['to a worker without work', [slot(1), slot(0)], small, 1000, 1],
    ['to no worker that is not ready', [slot(0, false)], small, 1, -1],
    ['ahead, many deep, when work is done in no time', [slot(7)], small, 1, 0],
    ['ahead no deeper than the worker reads', [slot(8)], small, 1, -1],
    ['ahead to the worker with the fewest messages', [slot(3), slot(2)], small, 1, 1],
    ['one ahead when the work is short, so that no worker waits for the server', [slot(1)], small, 10, 0],
    ['not two ahead then', [slot(2)], small, 10, -1],
    ['not ahead when the work is long', [slot(1)], small, 50, -1],
    ['not ahead when it is large', [slot(1)], job(65_536), 1, -1],
    ['not ahead before anything was answered', [slot(1)], small, Number.POSITIVE_INFINITY, -1],
  ])('%s', (_, slots, pending, serviceMs, index) => {
    expect(slots.indexOf(chooseSlot(slots, pending, { depth: 8, serviceMs })!)).toBe(index);
  });

  it('never ahead to a worker that reads one message at a time', () => {
    expect(chooseSlot([slot(1)], small, { depth: 1, serviceMs: 1 })).toBeUndefined();
  });
});

describe('who goes when there are too many workers', () => {
  const slot = (flights: number, isReady = true) => ({ flights, isReady }) as WorkerSlot;
  it.each<[string, WorkerSlot[], number]>([
    ['a dead one first', [slot(0), slot(0, false)], 1],
    ['then one without work', [slot(2), slot(0)], 1],
    ['then the one with the fewest messages', [slot(3), slot(1), slot(2)], 1],
    ['nobody of none', [], -1],
  ])('%s', (_, slots, index) => {
    expect(slots.indexOf(chooseLeaver(slots)!)).toBe(index);
  });
});

describe('when a dead worker is started again', () => {
  const die = (state: RestartState, now: number, hadAnswered = false, random = 0.5) =>
    decideRestart(state, { now, hadAnswered, random });

  it('at once when it had answered, however often it is killed', () => {
    for (let n = 0; n < 100; n += 1) expect(die(HEALTHY, n, true)).toEqual({ state: HEALTHY, delayMs: 0 });
  });

  it('after 0, 1, 2, 4 s when it dies before its first answer, and then only as a probe', () => {
    let state = HEALTHY;
    const delays: number[] = [];
    for (let n = 0; n < 6; n += 1) {
      const decided = die(state, n * 1000);
      state = decided.state;
      delays.push(decided.delayMs);
    }
    expect(delays).toEqual([0, 1000, 2000, 4000, 30_000, 30_000]);
    expect(state).toMatchObject({ breakerOpen: true, failingSince: 0 });
  });

  it('as seldom as a probe, and with nothing held against the others, when it was refused while they serve', () => {
    const refusal = { now: 5, hadAnswered: false, isHarmless: true, random: 0.5 };
    for (const state of [HEALTHY, die(HEALTHY, 0).state]) {
      expect(decideRestart(state, refusal)).toEqual({ state, delayMs: 30_000 });
    }
  });

  it('with a spread of a fifth, and never after more than a minute', () => {
    const second = die(HEALTHY, 0).state;
    expect([die(second, 1, false, 0).delayMs, die(second, 1, false, 1).delayMs]).toEqual([800, 1200]);
    const long = { ...HEALTHY, streak: 40, failingSince: 0 };
    expect(die(long, 1e6).delayMs).toBe(60_000);
  });

  it('counts only the deaths of the last minute', () => {
    let state = HEALTHY;
    for (let n = 0; n < 10; n += 1) state = die(state, n * 20_000).state;
    expect(state.breakerOpen).toBe(false);
  });

  it('closes the breaker when a probe is ready, and opens it at the next early death', () => {
    let state = HEALTHY;
    for (let n = 0; n < 5; n += 1) state = die(state, n).state;
    const ready = afterReady(state);
    expect(ready.breakerOpen).toBe(false);
    expect(die(ready, 10).state.breakerOpen).toBe(true);
    expect(afterReady(HEALTHY)).toBe(HEALTHY);
  });

  it.each([
    ['well', HEALTHY, true],
    ['failing for a short time', { ...HEALTHY, failingSince: 500 }, true],
    ['failing for too long', { ...HEALTHY, failingSince: 400 }, false],
    ['given up', { ...HEALTHY, breakerOpen: true }, false],
  ])('%s: the model may recover by itself or not', (_, state, expected) => {
    expect(mayRecover(state, { now: 1000, within: 600 })).toBe(expected);
  });
});

describe('what a job is told that no worker can take', () => {
  it('is to scale up, or when those that keep dying are tried again', () => {
    const facts = { name: 'm', breakerOpen: false, retryInMs: 12_300 };
    expect(refuseJob(facts).details).toEqual({ where: 'm', found: 'no worker', hint: 'Scale the workers up.' });
    expect(refuseJob({ ...facts, breakerOpen: true }).details).toMatchObject({ retryAfterS: 13 });
    expect(refuseJob({ ...facts, breakerOpen: true, retryInMs: -5 }).details).toMatchObject({ retryAfterS: 1 });
  });
});

describe('those who wait for the same thing', () => {
  it('are woken together and once, also by an error', async () => {
    const list = createWaitList();
    const [first, second] = [list.wait(), list.wait()];
    expect(list.isEmpty).toBe(false);
    list.resolveAll();
    await Promise.all([first, second]);
    expect(list.isEmpty).toBe(true);
    const third = list.wait();
    list.rejectAll(new Error('no'));
    await expect(third).rejects.toThrow('no');
  });

  it('wait no longer than they want to', async () => {
    await waitAtMost(10, createWaitList().wait());
    const list = createWaitList();
    const long = waitAtMost(60_000, list.wait());
    list.resolveAll();
    await long;
  });
});

describe('memory', () => {
  const worker = (pid: number, limitBytes: number) => ({ pid, limitBytes, kill: () => undefined });
  it('ends the workers over their ceiling, else the largest when all together take too much', () => {
    const [a, b] = [worker(1, 100), worker(2, 200)];
    expect(
      chooseToKill(
        [
          { worker: a, bytes: 101 },
          { worker: b, bytes: 150 },
        ],
        1000,
      ),
    ).toEqual([a]);
    expect(
      chooseToKill(
        [
          { worker: a, bytes: 90 },
          { worker: b, bytes: 150 },
        ],
        200,
      ),
    ).toEqual([b]);
    expect(
      chooseToKill(
        [
          { worker: a, bytes: 90 },
          { worker: b, bytes: 150 },
        ],
        240,
      ),
    ).toEqual([]);
  });

  it('is read from the system, 0 for a process that is gone', () => {
    expect(readProcessMemory(process.pid)).toBeGreaterThan(10 * 1024 * 1024);
    expect(readProcessMemory(2 ** 22 + 1)).toBe(0);
    expect(machineMemory()).toBeGreaterThan(100 * 1024 * 1024);
  });
});

describe('the lines of a worker', () => {
  it('are put together across chunks, cut when endless, and dropped past a megabyte a second', () => {
    const lines: string[] = [];
    let now = 0;
    const splitter = createLineSplitter({ onLine: (line) => lines.push(line), now: () => now });
    splitter.push(Buffer.from('one\ntw'));
    splitter.push(Buffer.from('o\r\nthr'));
    expect(lines).toEqual(['one', 'two']);
    splitter.push(Buffer.alloc(20_000, 0x78));
    expect(lines[2]!.length).toBeLessThan(8200);
    splitter.push(Buffer.from('end'));
    splitter.end();
    expect(lines[3]).toBe('end');
    now = 5000;
    for (let n = 0; n < 400; n += 1) splitter.push(Buffer.from(`${'y'.repeat(8000)}\n`));
    const before = lines.length;
    expect(before).toBeLessThan(150);
    now = 6000;
    splitter.push(Buffer.from('later\n'));
    expect(lines.slice(before)).toEqual([expect.stringMatching(/bytes of output were dropped/), 'later']);
  });
});

describe('the private folder', () => {
  it('is ours alone, is swept when its program has died, and only then', () => {
    const folder = createRunFolder(scratch);
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    expect(statSync(folder.make('w')).mode & 0o777).toBe(0o700);
    expect(folder.make('w')).not.toBe(folder.make('w'));
    mkdirSync(path.join(scratch, 'eisen-deploy-4194305-AbCdEf'));
    mkdirSync(path.join(scratch, 'eisen-deploy-notes'));
    expect(sweepRunFolders(scratch)).toEqual([path.join(scratch, 'eisen-deploy-4194305-AbCdEf')]);
    expect(readdirSync(scratch)).toHaveLength(2);
    folder.remove();
    expect(existsSync(folder.path)).toBe(false);
  });
});

describe('the settings of a model', () => {
  it('come from its configuration file, indented blocks and unknown keys left alone', () => {
    const text =
      '# comment\nminWorkers: 2\nmaxBatchDelay: 50 # ms\nresponseTimeout: "7"\nhandler:\n  batchSize: 9\ndeviceType: "gpu"\nother: &x 1\n';
    expect(parseModelConfig(text, 'c.yaml')).toEqual({
      minWorkers: 2,
      maxBatchDelayMs: 50,
      responseTimeoutMs: 7000,
      device: 'gpu',
    });
  });

  it.each(['batchSize: 0', 'minWorkers: -1', 'jobQueueSize: many', 'batchSize: 1e9', 'responseTimeout: *x'])(
    'refuse %s',
    (line) => {
      expect(codeOf(() => parseModelConfig(line, 'c.yaml'))).toBe('CONFIG_INVALID');
    },
  );

  it('are overlaid in order, what is undefined left to those before', () => {
    expect(mergeSettings(SETTINGS, { batchSize: 4, device: undefined }, { batchSize: 8 })).toEqual({
      ...SETTINGS,
      batchSize: 8,
    });
  });
});

describe('a streaming reply', () => {
  it('gives parts pushed before and after it is read, and ends once', async () => {
    const stream = createPartStream();
    stream.push([Buffer.from('a')]);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const part of stream.parts) seen.push(Buffer.concat(part).toString());
    })();
    await new Promise((resolve) => setTimeout(resolve, 5));
    stream.push([Buffer.from('b')]);
    stream.end();
    stream.end(new Error('too late'));
    await reading;
    expect(seen).toEqual(['a', 'b']);
  });
});
