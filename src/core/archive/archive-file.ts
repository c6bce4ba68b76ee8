import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { EisenError } from '../errors/error.js';
import { KIND_BYTES } from '../files/file-kind.js';
import { LIMITS } from '../limits.js';
import { refuse } from './refuse.js';

/** The open file of an archive. */
export interface ArchiveFile {
  readonly path: string;
  /** The name for messages. */
  readonly where: string;
  readonly fd: number;
  readonly opened: Stats;
  /** Its first bytes. */
  readonly head: Buffer;
  close(): Promise<void>;
}

/**
 * Opens the file of an archive and reads its first bytes. Everything here is one short system call each: waiting for a
 * thread to do them would take longer than all of them. Throws FILE_NOT_FOUND, MAR_INVALID, MAR_FILE_TOO_LARGE.
 */
export function openArchiveFile(path: string, where: string): ArchiveFile {
  let fd: number;
  try {
    // Without O_NONBLOCK the opening of a pipe would wait for somebody who writes.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new EisenError('FILE_NOT_FOUND', `${where}: the archive cannot be read.`, { where, cause });
  }
  try {
    const opened = fstatSync(fd);
    if (!opened.isFile()) throw refuse('MAR_INVALID', where, 'it is neither a file nor a folder.');
    if (opened.size === 0) throw refuse('MAR_INVALID', where, 'the file is empty.');
    const head = Buffer.alloc(KIND_BYTES);
    const length = readSync(fd, head, 0, head.length, 0);
    if (opened.size > LIMITS.archiveFileBytes) {
      throw refuse(
        'MAR_FILE_TOO_LARGE',
        where,
        `the file has ${opened.size} bytes; at most ${LIMITS.archiveFileBytes} are accepted.`,
      );
    }
    let isOpen = true;
    const close = async (): Promise<void> => {
      if (isOpen) closeSync(fd);
      isOpen = false;
    };
    return { path, where, fd, opened, head: head.subarray(0, length), close };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
