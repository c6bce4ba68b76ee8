import { describe, expect, it } from '@jest/globals';
import type { Writable } from '../../src/commands/output.js';
import { createProgress } from '../../src/commands/package-progress.js';

const MB = 1e6;

/** A stream that keeps what is written to it. */
function record(isTTY: boolean | undefined): { stream: Writable; written: string[] } {
  const written: string[] = [];
  return { stream: { isTTY, write: (text) => written.push(text) }, written };
}

/** Reports of a package of `totalMb`, each at its time in ms. */
function report(
  isTTY: boolean | undefined,
  totalMb: number,
  steps: readonly (readonly [ms: number, doneMb: number])[],
) {
  const { stream, written } = record(isTTY);
  let ms = 0;
  const progress = createProgress('brain', stream, () => ms);
  for (const [at, doneMb] of steps) {
    ms = at;
    progress.update({ doneBytes: doneMb * MB, totalBytes: totalMb * MB });
  }
  progress.end();
  return written;
}

describe('the progress of a package', () => {
  it('is one line on a terminal, written over itself and taken away at the end', () => {
    const written = report(true, 200, [
      [1000, 50],
      [1100, 199.9],
    ]);
    expect(written).toEqual(['\rbrain: 25 % of 200 MB\x1b[K', '\rbrain: 99 % of 200 MB\x1b[K', '\r\x1b[K']);
  });

  it('is written ten times a second at most', () => {
    const written = report(true, 200, [
      [1000, 50],
      [1001, 60],
      [1099, 70],
      [1100, 80],
    ]);
    expect(written.map((text) => /\d+ %/.exec(text)?.[0])).toEqual(['25 %', '40 %', undefined]);
  });

  it.each([
    ['a pipe', undefined, 200],
    ['a file', false, 200],
    ['a terminal, for a package that is written at once', true, 60],
  ] as const)('is not written to %s', (_, isTTY, totalMb) => {
    expect(report(isTTY, totalMb, [[1000, 50]])).toEqual([]);
  });
});
