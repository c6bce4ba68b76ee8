import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The command line of a living process with blanks between its words; null when there is none. */
export function readCommandLine(pid: number): string | null {
  if (process.platform === 'linux') {
    try {
      const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      // A process that has ended and waits for its parent has no command line.
      return text === '' ? null : text;
    } catch {
      return null;
    }
  }
  const result = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() || null : null;
}
