import { EisenError } from '../errors/error.js';

/** A bounds-checked position in the stream. Every read is little-endian and names the offset when bytes are missing. */
export interface PickleCursor {
  readonly where: string;
  readonly length: number;
  offset(): number;
  u8(): number;
  u16(): number;
  u32(): number;
  i32(): number;
  /** A 64-bit count, refused past what is left. */
  count64(): number;
  /** 8 bytes, big-endian: the one place where pickle is. */
  float(): number;
  /** A view on the next bytes; nothing is copied. */
  take(count: number): Uint8Array;
  /** Text up to the next line feed, which is consumed. */
  line(): string;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 text; throws PICKLE_INVALID for other bytes (Python's lone surrogates included). */
export function decodeText(bytes: Uint8Array, where: string): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new EisenError('PICKLE_INVALID', `${where}: a string is not valid UTF-8.`, { where, cause });
  }
}

export function createCursor(bytes: Uint8Array, where: string): PickleCursor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const advance = (count: number): number => {
    const left = bytes.byteLength - at;
    if (count > left) {
      throw new EisenError('PICKLE_INVALID', `${where}: offset ${at} needs ${count} bytes; ${left} are left.`, {
        where,
        expected: `${count} bytes`,
        found: `${left} bytes`,
      });
    }
    at += count;
    return at - count;
  };
  return {
    where,
    length: bytes.byteLength,
    offset: () => at,
    u8: () => view.getUint8(advance(1)),
    u16: () => view.getUint16(advance(2), true),
    u32: () => view.getUint32(advance(4), true),
    i32: () => view.getInt32(advance(4), true),
    count64: () => {
      const count = view.getBigUint64(advance(8), true);
      return count > BigInt(Number.MAX_SAFE_INTEGER) ? advance(Number.MAX_SAFE_INTEGER) : Number(count);
    },
    float: () => view.getFloat64(advance(8), false),
    take: (count) => {
      const start = advance(count);
      return bytes.subarray(start, start + count);
    },
    line: () => {
      const end = bytes.indexOf(0x0a, at);
      const start = advance(end < 0 ? bytes.byteLength - at + 1 : end - at + 1);
      return decodeText(bytes.subarray(start, end), where);
    },
  };
}
