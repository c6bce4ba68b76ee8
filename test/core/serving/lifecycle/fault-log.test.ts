import { describe, expect, it } from '@jest/globals';
import { EisenError } from '../../../../src/core/errors/error.js';
import { createFaultLog } from '../../../../src/core/serving/lifecycle/fault-log.js';
import type { ServerMessage } from '../../../../src/core/serving/lifecycle/logs/log-lines.js';

describe('what the operator is told of faults', () => {
  const lines: ServerMessage[] = [];
  let now = 0;
  const tell = createFaultLog(
    (line) => lines.push(line),
    () => now,
  );
  const linesOf = (...faults: Parameters<typeof tell>[0][]): ServerMessage[] => {
    lines.length = 0;
    for (const fault of faults) tell(fault);
    return [...lines];
  };

  it('is each fault of this program, with the request that met it', () => {
    const error = new Error('boom');
    expect(linesOf({ requestId: 'r', error }, { requestId: null, error })).toEqual([
      { level: 'ERROR', message: 'a request met a fault of this program', requestId: 'r', cause: error },
      { level: 'ERROR', message: 'work in the background failed', requestId: undefined, cause: error },
    ]);
  });

  it('is each reply that broke off, which the access log has with the status that had left', () => {
    const error = new EisenError('WORKER_DIED', 'Worker died.');
    expect(linesOf({ requestId: 'r', error, isCutOff: true })).toEqual([
      { level: 'WARN', message: 'a reply broke off', requestId: 'r', cause: error },
    ]);
  });

  it('is that the disk is full, once a minute however often it is met', () => {
    const error = new EisenError('DISK_FULL', 'The model store has no room for the archive.');
    const full = { requestId: 'r', error };
    const message = 'the disk is full: The model store has no room for the archive.';
    expect(linesOf(full, full, full)).toEqual([{ level: 'ERROR', message, requestId: 'r' }]);
    now = 59_000;
    expect(linesOf(full)).toEqual([]);
    now = 61_000;
    expect(linesOf(full)).toHaveLength(1);
  });
});
