import { describe, expect, it } from '@jest/globals';
import { EisenError } from '../../../../../src/core/errors/error.js';
import { JSON_FORM, TEXT_FORM } from '../../../../../src/core/serving/lifecycle/logs/log-lines.js';
import { describeRegistryChange } from '../../../../../src/core/serving/lifecycle/logs/registry-line.js';
import { describeWorkerEnd } from '../../../../../src/core/serving/lifecycle/logs/worker-end-line.js';
import type { WorkerEndEvent } from '../../../../../src/core/serving/pool/worker-end.js';
import { createRegistry, type RegisteredModel } from '../../../../../src/core/serving/registry.js';

const TIME = new Date(2026, 10, 22, 18, 55, 46, 555);
const END: WorkerEndEvent = {
  ...{ model: 'brain', version: '1.0', workerId: '9000', pid: 4711, cause: 'exit', how: 'signal SIGSEGV' },
  ...{ wasReady: true, error: new EisenError('WORKER_DIED', 'Worker died: signal SIGSEGV.') },
  ...{ restartInMs: 0, breakerOpen: false, lastLines: [] },
};

describe('the line about a worker that ended', () => {
  const table: [string, Partial<WorkerEndEvent>, RegExp][] = [
    [
      'names it, its process and the signal',
      {},
      /worker W-9000-brain_1\.0 \(process 4711\) ended by signal SIGSEGV, cause exit; another is started at once: Worker died: .* \[WORKER_DIED\]$/,
    ],
    ['tells its last words', { lastLines: ['a', '', 'b'] }, /; its last lines: a \| b: /],
    ['tells the delay', { restartInMs: 2104 }, /another is started in 2\.1 s/],
    [
      'tells that the breaker is open',
      { restartInMs: 30_000, breakerOpen: true },
      /given up for now, one start is tried in 30\.0 s/,
    ],
    ['tells the memory ceiling', { cause: 'memory', how: 'signal SIGKILL' }, /ended by signal SIGKILL, cause memory/],
    [
      'tells that none was started',
      { cause: 'refused', pid: 0, error: new EisenError('ARCHIVE_REPLACED', 'b.mar: replaced.') },
      /W-9000-brain_1\.0 was not started; .*: b\.mar: replaced\. \[ARCHIVE_REPLACED\]$/,
    ],
  ];

  it.each(table)('%s', (_what, change, line) => {
    const text = TEXT_FORM.server(describeWorkerEnd({ ...END, ...change }), TIME);
    expect(text).toMatch(/^2026-11-22T18:55:46,555 \[ERROR\] /);
    expect(text).toMatch(line);
  });

  it('is no error after a share of jobs', () => {
    expect(describeWorkerEnd({ ...END, cause: 'closed', how: 'exit code 0' })).toMatchObject({
      ...{
        level: 'INFO',
        message: expect.stringContaining('ended after its share of jobs; another is started at once'),
      },
    });
  });

  it('names the facts in the JSON form, and stays one line whatever the worker printed', () => {
    const line = JSON_FORM.server(describeWorkerEnd({ ...END, lastLines: ['x\n2026 [INFO ] forged'] }), TIME);
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({
      level: 'ERROR',
      facts: { model: 'brain', version: '1.0', workerId: '9000', pid: 4711, cause: 'exit', how: 'signal SIGSEGV' },
    });
  });
});

describe('the line about a worker that may not start', () => {
  it('says what to do', () => {
    const error = new EisenError('ARCHIVE_REPLACED', 'b.mar: replaced.', { hint: 'Register it again.' });
    const line = TEXT_FORM.server(
      describeWorkerEnd({ ...END, cause: 'refused', pid: 0, error, restartInMs: 900 }),
      TIME,
    );
    expect(line).toContain(
      'was not started; it is looked at again in 0.9 s; Register it again: b.mar: replaced. [ARCHIVE_REPLACED]',
    );
  });
});

describe('the lines about what is served', () => {
  it('tell of each change once', () => {
    const registry = createRegistry();
    const lines: string[] = [];
    registry.subscribe((change) => lines.push(describeRegistryChange(change, registry).message));
    const add = (version: string): void =>
      registry.add({
        runtime: { name: 'brain', version, settings: { minWorkers: 3 } } as RegisteredModel['runtime'],
        ...{ url: `brain-${version}.mar`, runtimeName: 'python', loadedAtStartup: false },
      });
    add('1.0');
    add('1.1');
    registry.setDefault('brain', '1.1');
    registry.announceScaled('brain', '1.1');
    registry.remove('brain', '1.0');
    registry.announceScaled('brain', '1.0');
    expect(lines).toEqual([
      'model brain, version 1.0, was registered from brain-1.0.mar',
      'model brain, version 1.1, was registered from brain-1.1.mar',
      'model brain, version 1.1, is the default of its name now',
      'model brain, version 1.1, was scaled to 3',
      'model brain, version 1.0, was unregistered',
      'model brain, version 1.0, was scaled',
    ]);
  });
});
