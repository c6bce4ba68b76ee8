import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { EisenError } from '../errors/error.js';
import { systemCode } from './file-error.js';

/** Bytes that can be looked at anywhere without being in memory: a file, a part of one, or an array. */
export interface ByteSource {
  readonly length: number;
  /** The bytes [offset, offset + length); short at the end of the source. The array is valid until the next call. */
  read(offset: number, length: number): Uint8Array;
}

/** Views `bytes` as a source, without a copy. */
export function wrapBytes(bytes: Uint8Array): ByteSource {
  return { length: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** The part [start, start + length) of an open file. The caller keeps `fd` open. */
export function wrapFile(fd: number, start = 0, length = fstatSync(fd).size - start): ByteSource {
  let buffer = Buffer.allocUnsafe(64 * 1024);
  return {
    length,
    read(offset, count) {
      const wanted = Math.max(0, Math.min(count, length - offset));
      if (wanted > buffer.length) buffer = Buffer.allocUnsafe(wanted);
      let filled = 0;
      while (filled < wanted) {
        const got = readSync(fd, buffer, filled, wanted - filled, start + offset + filled);
        if (got === 0) break;
        filled += got;
      }
      return buffer.subarray(0, filled);
    },
  };
}

/** Opens a file for `use` and closes it afterwards; throws FILE_NOT_FOUND when it cannot be read. */
export function withFileSource<T>(path: string, use: (source: ByteSource, fd: number) => T): T {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    throw new EisenError(
      'FILE_NOT_FOUND',
      `${path}: ${systemCode(cause) === 'ENOENT' ? 'there is no such file' : 'cannot be read'}.`,
      { where: path, cause },
    );
  }
  try {
    return use(wrapFile(fd), fd);
  } finally {
    closeSync(fd);
  }
}
