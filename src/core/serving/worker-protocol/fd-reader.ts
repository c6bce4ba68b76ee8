import { readSync } from 'node:fs';
import { EisenError } from '../../errors/error.js';
import type { ByteReader } from './read-request.js';
import { createReceiveBuffer } from './receive-buffer.js';

const SMALL_BYTES = 64 * 1024;

/**
 * Reads a worker's channel with blocking calls: a worker has nothing else to do, and one wake-up of the kernel costs less
 * than a turn of the event loop. `begin` marks the start of a message: bytes handed out before it may be overwritten.
 */
export function createFdReader(fd: number): ByteReader & { begin(): void } {
  const small = Buffer.allocUnsafeSlow(SMALL_BYTES);
  const receive = createReceiveBuffer();
  let start = 0;
  let end = 0;

  /** Reads until `count` bytes lie in the small buffer; false at the end of the channel. */
  const fill = (count: number): boolean => {
    if (end - start >= count) return true;
    if (start + count > SMALL_BYTES) {
      small.copyWithin(0, start, end);
      end -= start;
      start = 0;
    }
    while (end - start < count) {
      const bytes = readSync(fd, small, end, SMALL_BYTES - end, null);
      if (bytes === 0) return false;
      end += bytes;
    }
    return true;
  };
  const need = (count: number): number => {
    if (!fill(count)) throw new EisenError('WORKER_PROTOCOL', 'The server closed the channel inside of a message.');
    const at = start;
    start += count;
    if (start === end) {
      start = 0;
      end = 0;
    }
    return at;
  };
  const readBig = (count: number): Uint8Array => {
    need(0);
    fill(Math.min(count, 1024));
    const target = receive.take(count, small.subarray(start, Math.min(end, start + 1024)));
    let done = Math.min(end - start, count);
    target.set(small.subarray(start, start + done));
    start += done;
    while (done < count) {
      const bytes = readSync(fd, target, done, count - done, null);
      if (bytes === 0) need(1);
      done += bytes;
    }
    return target;
  };

  return {
    begin: () => receive.reset(),
    readByte: () => (fill(1) ? small[need(1)]! : null),
    readInt: () => small.readInt32BE(need(4)),
    readText: (count) => {
      if (count > SMALL_BYTES) return Buffer.from(readBig(count)).toString('utf8');
      const at = need(count);
      return count === 0 ? '' : small.toString('utf8', at, at + count);
    },
    readBytes: (count) => {
      if (count > SMALL_BYTES / 4) return readBig(count);
      const at = need(count);
      const target = receive.take(count, small.subarray(at, at + count));
      target.set(small.subarray(at, at + count));
      return target;
    },
  };
}
