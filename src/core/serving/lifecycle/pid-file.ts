import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EisenError } from '../../errors/error.js';
import { asRoleError, type FileRole, inRole } from '../../files/file-role.js';
import { readCommandLine } from './command-line-of.js';

/** The title of a serving process: what tells a live server from a stranger that got its process id. */
export const SERVER_TITLE = 'eisen-deploy serve';

/** Where the process id of the server stands: the peer's place. */
export function pidFilePath(): string {
  return path.join(tmpdir(), '.model_server.pid');
}

const roleOf = (file: string): FileRole => ({
  role: 'the file with the process id of the server',
  file,
  hint: 'It lies in the folder for temporary files: set TMPDIR to one that is there, can be written and has room.',
});

export type PidFileState =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly pid: number }
  /** A file without a living server of ours: stale, damaged, or its number belongs to somebody else now. */
  | { readonly kind: 'orphan' };

/** Decides from what the file and the process table say. Pure. */
export function judgePidFile(text: string | null, commandLineOf: (pid: number) => string | null): PidFileState {
  if (text === null) return { kind: 'none' };
  const pid = /^\s*\d{1,10}\s*$/.test(text) ? Number(text) : 0;
  if (pid < 1) return { kind: 'orphan' };
  return commandLineOf(pid)?.startsWith(SERVER_TITLE) ? { kind: 'running', pid } : { kind: 'orphan' };
}

/** True while the process is there and is a server of ours. */
export function isServing(pid: number): boolean {
  return readCommandLine(pid)?.startsWith(SERVER_TITLE) ?? false;
}

export function readPidFile(file = pidFilePath(), commandLineOf = readCommandLine): PidFileState {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'none' };
    throw asRoleError(error, roleOf(file));
  }
  return judgePidFile(text, commandLineOf);
}

/**
 * Claims the pid file for this process. It appears whole or not at all (a link to a finished file), so that of two servers
 * that start at once one wins and nobody reads half a number.
 * @returns whether a stale file was removed
 * @throws EisenError SERVER_RUNNING when another server holds it; NOT_WRITABLE, DISK_FULL: nothing is left then
 */
export function claimPidFile(
  file = pidFilePath(),
  commandLineOf = readCommandLine,
  write: typeof writeFileSync = writeFileSync,
): { removedOrphan: boolean } {
  return inRole(roleOf(file), () => claim(file, commandLineOf, write));
}

function claim(
  file: string,
  commandLineOf: typeof readCommandLine,
  write: typeof writeFileSync,
): { removedOrphan: boolean } {
  const beside = `${file}.${randomBytes(8).toString('hex')}`;
  let removedOrphan = false;
  try {
    write(beside, String(process.pid), { flag: 'wx', mode: 0o644 });
    for (;;) {
      const state = readPidFile(file, commandLineOf);
      if (state.kind === 'running') {
        throw new EisenError('SERVER_RUNNING', `a server runs already with process id ${state.pid}.`, {
          where: file,
          found: String(state.pid),
        });
      }
      if (state.kind === 'orphan') {
        rmSync(file, { force: true });
        removedOrphan = true;
      }
      try {
        linkSync(beside, file);
        return { removedOrphan };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } finally {
    rmSync(beside, { force: true });
  }
}

/** Gives the pid file back, when it is still this process's. */
export function releasePidFile(file = pidFilePath()): void {
  try {
    if (readFileSync(file, 'utf8').trim() === String(process.pid)) rmSync(file, { force: true });
  } catch {
    // Somebody has removed it: nothing is left to do.
  }
}
