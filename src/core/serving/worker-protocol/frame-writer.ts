import { EisenError } from '../../errors/error.js';

const MAX_VALUE_BYTES = 2 ** 31 - 1;
/** Smaller values are copied next to the numbers around them: one piece costs more than the copy. */
const COPY_BELOW_BYTES = 8192;

/** Collects a message as pieces; big values are handed on untouched. All numbers are big-endian. */
export interface FrameWriter {
  writeByte(value: number): void;
  writeInt(value: number): void;
  writeText(value: string): void;
  /** A length and the pieces of one value; throws LIMIT_EXCEEDED past 2 GiB, which the protocol cannot count. */
  writeValue(pieces: readonly Uint8Array[]): void;
  finish(): Uint8Array[];
}

export function createFrameWriter(): FrameWriter {
  const done: Uint8Array[] = [];
  let buffer = Buffer.allocUnsafe(1024);
  let start = 0;
  let end = 0;

  const cut = (): void => {
    if (end > start) done.push(buffer.subarray(start, end));
    start = end;
  };
  const reserve = (bytes: number): number => {
    if (end + bytes > buffer.length) {
      cut();
      buffer = Buffer.allocUnsafe(Math.max(2 * buffer.length, bytes));
      start = 0;
      end = 0;
    }
    const at = end;
    end += bytes;
    return at;
  };
  const writeInt = (value: number): void => {
    const at = reserve(4);
    buffer.writeInt32BE(value, at);
  };

  return {
    writeByte: (value) => {
      const at = reserve(1);
      buffer[at] = value;
    },
    writeInt,
    writeText: (value) => {
      // Three bytes are the most a UTF-16 unit can take; what is not used is given back.
      const at = reserve(4 + 3 * value.length);
      const bytes = buffer.write(value, at + 4, 'utf8');
      buffer.writeInt32BE(bytes, at);
      end = at + 4 + bytes;
    },
    writeValue: (pieces) => {
      let bytes = 0;
      for (const piece of pieces) bytes += piece.length;
      if (bytes > MAX_VALUE_BYTES) {
        throw new EisenError(
          'LIMIT_EXCEEDED',
          `A value of ${bytes} bytes; a worker takes at most ${MAX_VALUE_BYTES}.`,
          {
            expected: `at most ${MAX_VALUE_BYTES} bytes`,
            found: `${bytes} bytes`,
          },
        );
      }
      writeInt(bytes);
      for (const piece of pieces) {
        if (piece.length <= COPY_BELOW_BYTES) {
          const at = reserve(piece.length);
          buffer.set(piece, at);
        } else {
          cut();
          done.push(piece);
        }
      }
    },
    finish: () => {
      cut();
      return done;
    },
  };
}
