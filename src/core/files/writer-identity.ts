import { hostname } from 'node:os';
import { systemCode } from './file-error.js';

/** The name of this host as it may stand in a file name. */
export const ownHost = (): string =>
  hostname()
    .toLowerCase()
    .replace(/[^0-9a-z-]/g, '-') || 'host';

/** Whether a process of this host is there; one that belongs to somebody else is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
