import { EisenError, isEisenError } from '../errors/error.js';
import { asWriteError, systemCode } from './file-error.js';

/** A file that a program writes for its own sake. */
export interface FileRole {
  /** What it is to the program: `the log`. */
  readonly role: string;
  readonly file: string;
  /** What decides where it lies. */
  readonly hint: string;
}

/** What the system says about writing such a file, with what it is for; anything else as it is. */
export function asRoleError(error: unknown, { role, file, hint }: FileRole): unknown {
  // A file stands where a folder is to be made.
  const blocked = systemCode(error) === 'EEXIST' ? Object.assign(new Error(), { code: 'ENOTDIR' }) : error;
  const told = asWriteError(blocked, file);
  if (!isEisenError(told) || told === error) return error;
  return new EisenError(told.code, `${role}: ${told.message}`, { ...told.details, hint, cause: error });
}

/** Does something with such a file; throws NOT_WRITABLE or DISK_FULL with its role. */
export function inRole<T>(role: FileRole, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asRoleError(error, role);
  }
}
