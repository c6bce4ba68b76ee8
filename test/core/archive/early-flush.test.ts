import type { FileHandle } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { createEarlyFlush } from '../../../src/core/archive/early-flush.js';

/** A file whose flushes end when the test says so. */
function createSlowFile() {
  const calls: string[] = [];
  const waiting: { resolve: () => void; reject: (reason: Error) => void }[] = [];
  const file = {
    datasync: () => {
      calls.push('datasync');
      return new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
    },
    sync: async () => {
      calls.push('sync');
    },
  };
  return { file: file as unknown as FileHandle, calls, waiting };
}

describe('flushing while an archive is written', () => {
  it('begins after so many bytes, one at a time, and ends with a flush of all', async () => {
    const { file, calls, waiting } = createSlowFile();
    const flush = createEarlyFlush(file, 10);
    flush.written(9);
    expect(calls).toEqual([]);
    flush.written(1);
    flush.written(30);
    expect(calls).toEqual(['datasync']);
    waiting[0]!.resolve();
    await new Promise(setImmediate);
    flush.written(1);
    expect(calls).toEqual(['datasync', 'datasync']);
    waiting[1]!.resolve();
    await flush.finish();
    expect(calls).toEqual(['datasync', 'datasync', 'sync']);
  });

  it('tells a failed early flush at the end, although the system tells it only once', async () => {
    const { file, calls, waiting } = createSlowFile();
    const flush = createEarlyFlush(file, 10);
    flush.written(10);
    waiting[0]!.reject(new Error('EIO: the disk is gone'));
    await new Promise(setImmediate);
    await expect(flush.finish()).rejects.toThrow('the disk is gone');
    expect(calls).toEqual(['datasync']);
  });

  it('leaves small archives to the flush at the end', async () => {
    const { file, calls } = createSlowFile();
    const flush = createEarlyFlush(file);
    flush.written(1_000_000);
    await flush.finish();
    expect(calls).toEqual(['sync']);
  });
});
