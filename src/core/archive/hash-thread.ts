import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

/** The program of a thread that hashes: pieces of shared memory in, an answer each; after `null` the answer is the digest. */
const hash = createHash('sha256');
parentPort?.on('message', (piece: { buffer: SharedArrayBuffer; offset: number; bytes: number } | null) => {
  if (piece !== null) hash.update(new Uint8Array(piece.buffer, piece.offset, piece.bytes));
  parentPort?.postMessage(piece === null ? hash.digest('hex') : '');
});
