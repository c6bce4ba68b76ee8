import type { FileHandle } from 'node:fs/promises';

const FLUSH_EVERY_BYTES = 32 * 1024 * 1024;

/** Has the disk take what is written while the rest is still made, so that the flush at the end finds little left. */
export interface EarlyFlush {
  written(bytes: number): void;
  /** All bytes are on the disk. Throws what any flush threw: the system tells a failed one only once. */
  finish(): Promise<void>;
}

export function createEarlyFlush(file: FileHandle, everyBytes = FLUSH_EVERY_BYTES): EarlyFlush {
  let waiting = 0;
  let running: Promise<void> | null = null;
  let failure: { readonly reason: unknown } | null = null;
  return {
    written(bytes) {
      waiting += bytes;
      if (waiting < everyBytes || running !== null) return;
      waiting = 0;
      running = file
        .datasync()
        .catch((reason: unknown) => {
          failure ??= { reason };
        })
        .finally(() => {
          running = null;
        });
    },
    async finish() {
      await running;
      if (failure !== null) throw failure.reason;
      await file.sync();
    },
  };
}
