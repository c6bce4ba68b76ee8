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
