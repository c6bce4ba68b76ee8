import { createHash, randomBytes } from 'node:crypto';
import { lstat, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asWriteError, systemCode } from '../files/file-error.js';
import { isAlive, ownHost } from '../files/writer-identity.js';
import { LIMITS } from '../limits.js';

export const CLAIM_NAME = /^[0-9a-f]{64}\.claim$/;
const POLL_MS = 20;

/** Gives the claim back. */
export type ReleaseClaim = () => Promise<void>;

/** True for a claim that nobody waits for: its process is gone, or it is so old that whoever holds it is stuck. */
export async function isStaleClaim(file: string, now = Date.now()): Promise<boolean> {
  const stats = await lstat(file).catch(() => null);
  if (stats === null) return false;
  if (Math.abs(now - stats.mtimeMs) > LIMITS.cacheClaimMs) return true;
  const [host, pid] = (await readFile(file, 'utf8').catch(() => '')).split(' ');
  return host === ownHost() && /^\d+$/.test(pid ?? '') && !isAlive(Number(pid));
}

/** Takes the file when nobody has it; null when somebody has. */
async function take(file: string, token: string): Promise<ReleaseClaim | null> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(token);
    } catch (error) {
      // One without a name on it would be waited for until it is old.
      await rm(file, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return null;
    throw asWriteError(error, path.dirname(file));
  }
  return async () => {
    // One that was taken for stale meanwhile belongs to another now.
    if ((await readFile(file, 'utf8').catch(() => '')) === token) await rm(file, { force: true });
  };
}

/**
 * Waits until no other process makes what stands under `key` in `folder`, and keeps others from it until the claim is given
 * back. It spares work and guards nothing: a claim of a process that is gone, or older than LIMITS.cacheClaimMs, is taken over.
 */
export async function claimKey(folder: string, key: string): Promise<ReleaseClaim> {
  const file = path.join(folder, `${createHash('sha256').update(key).digest('hex')}.claim`);
  const token = `${ownHost()} ${process.pid} ${randomBytes(6).toString('hex')}`;
  for (;;) {
    const release = await take(file, token);
    if (release !== null) return release;
    if (await isStaleClaim(file)) await rm(file, { force: true });
    else await sleep(POLL_MS);
  }
}
