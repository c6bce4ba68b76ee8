import { readFileSync } from 'node:fs';
import os from 'node:os';

/**
 * Bytes of memory that only this process uses (anonymous pages; mapped weights are shared and do not count). 0 when the
 * process is gone or the system does not tell.
 */
export function readProcessMemory(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const kib = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return kib === undefined ? 0 : Number(kib) * 1024;
  } catch {
    return 0;
  }
}

/** Memory that this program may count on: the machine's, or the cgroup's where that is less. */
export function machineMemory(): number {
  const bound = process.constrainedMemory();
  return bound > 0 && bound < os.totalmem() ? bound : os.totalmem();
}
