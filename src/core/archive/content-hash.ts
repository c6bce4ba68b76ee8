import { createHash } from 'node:crypto';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

/** The SHA-256 of a stream of pieces. */
export interface ContentHash {
  /** Takes one piece; it may be overwritten when the promise has settled. */
  update(piece: Buffer): Promise<void>;
  digest(): Promise<string>;
  /** Gives everything back, also after a failure; harmless after `digest`. */
  close(): Promise<void>;
}

/** From here on a thread of its own pays: hashing takes as long as reading and writing together. */
const THREAD_BYTES = 32 * 1024 * 1024;
const PROGRAM = path.join(import.meta.dirname, 'hash-thread.js');

function hashHere(): ContentHash {
  const hash = createHash('sha256');
  return {
    update: async (piece) => void hash.update(piece),
    digest: async () => hash.digest('hex'),
    close: async () => undefined,
  };
}

function hashBeside(): ContentHash {
  // Flags of the program around us (--input-type, --eval) are not meant for it.
  const thread = new Worker(PROGRAM, { execArgv: [] });
  const waiting: { resolve: (digest: string) => void; reject: (error: Error) => void }[] = [];
  let broken: Error | null = null;
  const fail = (error: Error): void => {
    broken ??= error;
    for (const { reject } of waiting.splice(0)) reject(broken);
  };
  thread.on('message', (digest: string) => waiting.shift()?.resolve(digest));
  thread.on('error', fail);
  thread.on('exit', () => fail(new Error('the thread that computes the SHA-256 has ended')));
  const ask = (message: { buffer: SharedArrayBuffer; offset: number; bytes: number } | null): Promise<string> =>
    new Promise((resolve, reject) => {
      if (broken !== null) return reject(broken);
      waiting.push({ resolve, reject });
      thread.postMessage(message);
    });
  return {
    async update(piece) {
      // Memory that is not shared would be copied on its way; the pieces of `streamContent` are.
      const shared =
        piece.buffer instanceof SharedArrayBuffer ? piece : Buffer.from(new SharedArrayBuffer(piece.length));
      if (shared !== piece) piece.copy(shared);
      await ask({ buffer: shared.buffer as SharedArrayBuffer, offset: shared.byteOffset, bytes: shared.length });
    },
    digest: () => ask(null),
    close: async () => void (await thread.terminate()),
  };
}

/** Starts the SHA-256 of content of this length: a long one in a thread of its own. */
export function createContentHash(bytes: number): ContentHash {
  return bytes < THREAD_BYTES ? hashHere() : hashBeside();
}
