import type { CodeRow } from '../code-row.js';

export const GENERAL_CODES = {
  INTERNAL: { http: 500, exit: 1, means: 'a fault of this program' },
  USAGE: { http: 400, exit: 2, means: 'the command line or the call is not of the documented form' },
  LIMIT_EXCEEDED: { http: 413, exit: 3, means: 'the input is larger than the configured limit' },
  FILE_NOT_FOUND: { http: 404, exit: 3, means: 'a named file does not exist or cannot be read' },
  FILE_EXISTS: { http: 409, exit: 2, means: 'the output exists already and --force was not given' },
  NOT_WRITABLE: { http: 500, exit: 3, means: 'the output cannot be written where it was asked for' },
  DISK_FULL: { http: 507, exit: 75, means: 'the disk is full or the quota is used up' },
  CANCELLED: { http: 499, exit: 75, means: 'the work was cancelled before it ended' },
} as const satisfies Record<string, CodeRow>;
