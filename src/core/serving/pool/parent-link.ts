import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Where util-linux puts the program that can have the kernel end a process together with its parent. */
const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'];
const END_WITH_PARENT = ['--pdeathsig', 'KILL', '--'];

let known: readonly string[] | null | undefined;

/** The words in front of a command after which the kernel kills it when its parent is gone; null when `program` cannot do that. */
export function tryParentLink(program: string): readonly string[] | null {
  const link = [program, ...END_WITH_PARENT];
  const { status } = spawnSync(program, [...END_WITH_PARENT, program, '--version'], { stdio: 'ignore', timeout: 2000 });
  return status === 0 ? link : null;
}

/**
 * The same for this machine, looked up once: Linux with util-linux 2.33 or later has it. Elsewhere the worker watches by a thread
 * of its own, which does the same and costs each worker 10 MB and 55 ms of processor time at its start.
 */
export function findParentLink(): readonly string[] | null {
  const program = process.platform === 'linux' ? SETPRIV.find((file) => existsSync(file)) : undefined;
  known ??= program === undefined ? null : tryParentLink(program);
  return known;
}
