import { randomBytes } from 'node:crypto';
import { link, lstat, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import path from 'node:path';
import { EisenError } from '../errors/error.js';
import { systemCode } from './file-error.js';
import { isAlive, ownHost } from './writer-identity.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const TEMPORARY = /^\.(.+)\.eisen-([0-9a-z-]+)\.(\d+)\.[0-9a-f]{12}\.tmp$/;

/** A name beside `target`, hidden, that tells who is writing: host and process. */
export function temporaryBeside(target: string): string {
  const suffix = `eisen-${ownHost()}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  return path.join(path.dirname(target), `.${path.basename(target)}.${suffix}`);
}

/**
 * Removes what killed runs have left in `folder`: temporary files whose process is gone on this host, and those of any
 * host that are a day old (a process id of another container says nothing here). Gives the names it removed.
 */
export async function sweepLeftovers(folder: string, now = Date.now()): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await readdir(folder)) {
    const match = TEMPORARY.exec(name);
    if (match === null) continue;
    const file = path.join(folder, name);
    const stats = await lstat(file).catch(() => null);
    if (stats === null) continue;
    const isOrphan = match[2] === ownHost() && !isAlive(Number(match[3]));
    if (!isOrphan && now - stats.mtimeMs < DAY_MS) continue;
    await rm(file, { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const refuseExisting = (target: string): EisenError =>
  new EisenError('FILE_EXISTS', `${target} already exists.`, { where: target, hint: 'Use --force to overwrite it.' });

/**
 * Puts a finished temporary file in its place and makes that durable. Without `force` a file that has appeared there
 * in the meantime is kept: a hard link, unlike a rename, never replaces.
 */
export async function commitFile(temporary: string, target: string, force: boolean): Promise<void> {
  if (force) await rename(temporary, target);
  else {
    try {
      await link(temporary, target);
      await unlink(temporary);
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EEXIST') throw refuseExisting(target);
      // File systems without hard links: the check and the rename are then two steps.
      if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EMLINK') throw error;
      if (await lstat(target).catch(() => null)) throw refuseExisting(target);
      await rename(temporary, target);
    }
  }
  await syncFolder(path.dirname(target));
}

/** Puts a finished temporary folder in its place; with `force` the old one makes room first and is removed after. */
export async function commitFolder(temporary: string, target: string, force: boolean): Promise<void> {
  const existing = await lstat(target).catch(() => null);
  if (existing !== null && !force) throw refuseExisting(target);
  const old = existing === null ? null : temporaryBeside(target);
  if (old !== null) await rename(target, old);
  await rename(temporary, target);
  if (old !== null) await rm(old, { recursive: true, force: true });
  await syncFolder(path.dirname(target));
}
