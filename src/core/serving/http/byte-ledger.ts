import { EisenError } from '../../errors/error.js';

/** The bytes of one request that the server holds: counted from before its body is read until its reply has left. */
export interface Hold {
  /** Throws OVERLOADED when the server would hold more than it may. */
  grow(bytes: number): void;
  /** May be called more than once. */
  release(): void;
}

/** Counts the request bytes that are in flight, over all connections. */
export interface ByteLedger {
  readonly usedBytes: number;
  open(): Hold;
}

/** One request alone may pass `limitBytes` (its own limit is checked elsewhere): a server with nothing to do never refuses. */
export function createByteLedger(limitBytes: number): ByteLedger {
  let usedBytes = 0;
  return {
    get usedBytes() {
      return usedBytes;
    },
    open() {
      let held = 0;
      return {
        grow(bytes) {
          if (usedBytes > held && usedBytes + bytes > limitBytes) {
            throw new EisenError('OVERLOADED', 'The server holds as many request bytes as it may. Try again later.', {
              expected: `at most ${limitBytes} bytes in flight`,
            });
          }
          held += bytes;
          usedBytes += bytes;
        },
        release() {
          usedBytes -= held;
          held = 0;
        },
      };
    },
  };
}
