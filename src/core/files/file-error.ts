import { EisenError } from '../errors/error.js';

/** The errno name of a system error, '' for anything else. */
export function systemCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** Translates what the system says about writing `where` into one of our errors; errors of ours pass as they are. */
export function asWriteError(error: unknown, where: string): unknown {
  switch (systemCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new EisenError(
        'DISK_FULL',
        `${where}: the disk is full or the quota is used up; nothing was left behind.`,
        { where, cause: error },
      );
    case 'EFBIG':
      return new EisenError('DISK_FULL', `${where}: the file would be larger than this file system or user may have.`, {
        where,
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new EisenError('NOT_WRITABLE', `${where}: cannot be written (${systemCode(error)}).`, {
        where,
        hint: 'Check the permissions of the folder.',
        cause: error,
      });
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EISDIR':
    case 'ELOOP':
    case 'EIO':
    case 'ENAMETOOLONG':
      return new EisenError('NOT_WRITABLE', `${where}: cannot be written there (${systemCode(error)}).`, {
        where,
        cause: error,
      });
    default:
      return error;
  }
}

/** Translates what the system says about reading `where`. */
export function asReadError(error: unknown, where: string): unknown {
  const code = systemCode(error);
  if (code === 'ENOENT') return new EisenError('FILE_NOT_FOUND', `${where}: no such file.`, { where, cause: error });
  if (/^E(ACCES|PERM|ISDIR|NOTDIR|LOOP|IO|NAMETOOLONG)$/.test(code)) {
    return new EisenError('FILE_NOT_FOUND', `${where}: cannot be read (${code}).`, { where, cause: error });
  }
  return error;
}

const WRITING = /^(f?write|mkdir|mkdtemp|rename|link|symlink|unlink|rmdir|rm|fsync|f?chmod|utime|ftruncate|copyfile)$/;
const READING = /^(open|opendir|scandir|l?stat|fstat|access|readlink|realpath|read)$/;
/** Whoever opens a file gets these only where it is to be written. */
const FULL_OR_FROZEN = /^E(NOSPC|DQUOT|FBIG|ROFS)$/;

/**
 * A system error about a file, by the path that the system itself names; anything else as it is. The last resort of a
 * command: who knows what the file is for translates the error where it comes up.
 */
export function asFileError(error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  const syscall = String(error.syscall);
  const where = 'path' in error && typeof error.path === 'string' ? error.path : 'a file';
  if (WRITING.test(syscall) || (READING.test(syscall) && FULL_OR_FROZEN.test(systemCode(error)))) {
    return asWriteError(error, where);
  }
  return READING.test(syscall) ? asReadError(error, where) : error;
}
