import { type ChildProcessByStdio, type SpawnOptions, spawn } from 'node:child_process';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** A program in a process group of its own: the group of `-child.pid`. */
export type Watched = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts a program that ends, with all its children, when this process does: by itself, by an error or by SIGKILL. */
export function spawnWatched(
  command: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'cwd' | 'env'> = {},
): Watched {
  const watcher = path.join(import.meta.dirname, 'watcher.js');
  return spawn(process.execPath, [watcher, command, ...args], {
    ...options,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
