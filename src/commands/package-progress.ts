import type { Writable } from './output.js';

/** Below this a package is written before anybody could read the line. */
const QUIET_BYTES = 64 * 1024 * 1024;
const STEP_MS = 100;

export interface Progress {
  update(progress: { readonly doneBytes: number; readonly totalBytes: number }): void;
  /** Takes the line away. */
  end(): void;
}

/** One line that tells how far a big package is, written over itself; on a terminal only. */
export function createProgress(name: string, stderr: Writable, now: () => number = Date.now): Progress {
  let [last, isShown] = [0, false];
  return {
    update({ doneBytes, totalBytes }) {
      if (stderr.isTTY !== true || totalBytes < QUIET_BYTES || now() - last < STEP_MS) return;
      last = now();
      isShown = true;
      const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
      const percent = Math.floor((100 * doneBytes) / totalBytes);
      stderr.write(`\r${name}: ${percent} % of ${megabytes(totalBytes)} MB\x1b[K`);
    },
    end() {
      if (isShown) stderr.write('\r\x1b[K');
    },
  };
}
