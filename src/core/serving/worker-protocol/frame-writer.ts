import { EisenError } from '../../errors/error.js';

const MAX_VALUE_BYTES = 2 ** 31 - 1;
/** Smaller values are copied next to the numbers around them: one piece costs more than the copy. */
const COPY_BELOW_BYTES = 8192;
/** Shorter texts are written here: a call into native code costs more than these letters. */
const SHORT_TEXT = 64;
/** Memory for numbers, texts and small values is taken in blocks of this size. */
const BLOCK_BYTES = 16 * 1024;

/** The length of one value; throws LIMIT_EXCEEDED past 2 GiB, which the protocol cannot count. */
export function countValueBytes(pieces: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const piece of pieces) bytes += piece.length;
  if (bytes <= MAX_VALUE_BYTES) return bytes;
  throw new EisenError('LIMIT_EXCEEDED', `A value of ${bytes} bytes; a worker takes at most ${MAX_VALUE_BYTES}.`, {
    expected: `at most ${MAX_VALUE_BYTES} bytes`,
    found: `${bytes} bytes`,
  });
}

/** Collects messages as pieces; big values are handed on untouched. All numbers are big-endian. Never throws. */
export interface FrameWriter {
  writeByte(value: number): void;
  writeInt(value: number): void;
  writeText(value: string): void;
  /** A length and the pieces of one value, which `countValueBytes` has let pass. */
  writeValue(pieces: readonly Uint8Array[]): void;
  /** What was written since the last call. The writer may be used on: it writes behind these bytes. */
  finish(): Uint8Array[];
}

/** Writes a text of ASCII; false, with nothing to keep, for any other. */
function writeAscii(buffer: Uint8Array, at: number, value: string): boolean {
  for (let n = 0; n < value.length; n += 1) {
    const code = value.charCodeAt(n);
    if (code > 127) return false;
    buffer[at + n] = code;
  }
  return true;
}

export function createFrameWriter(): FrameWriter {
  let done: Uint8Array[] = [];
  let buffer = Buffer.allocUnsafe(0);
  let start = 0;
  let end = 0;

  const cut = (): void => {
    if (end > start) done.push(buffer.subarray(start, end));
    start = end;
  };
  const reserve = (bytes: number): number => {
    if (end + bytes > buffer.length) {
      cut();
      buffer = Buffer.allocUnsafe(Math.max(BLOCK_BYTES, bytes));
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
      const isShort = value.length < SHORT_TEXT && writeAscii(buffer, at + 4, value);
      const bytes = isShort ? value.length : buffer.write(value, at + 4, 'utf8');
      buffer.writeInt32BE(bytes, at);
      end = at + 4 + bytes;
    },
    writeValue: (pieces) => {
      let bytes = 0;
      for (const piece of pieces) bytes += piece.length;
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
      const pieces = done;
      done = [];
      return pieces;
    },
  };
}
