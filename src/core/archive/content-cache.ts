import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { lstat, mkdir, open, readdir, realpath, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { EisenError, isEisenError } from '../errors/error.js';
import { commitFile, sweepLeftovers, temporaryBeside } from '../files/atomic-output.js';
import { asWriteError } from '../files/file-error.js';
import { LIMITS } from '../limits.js';
import { CLAIM_NAME, claimKey, isStaleClaim, type ReleaseClaim } from './cache-claim.js';
import { type CacheReceipt, markUsed, RECEIPT_NAME, readReceipt, writeReceipt } from './cache-receipt.js';
import { refuse } from './refuse.js';

/** Content to be had as a plain file. */
export interface CacheContent {
  readonly bytes: number;
  /** For messages. */
  readonly where: string;
  /** From the start, at every call. */
  stream(): AsyncIterable<Uint8Array>;
}

/** A private folder of plain files called by the SHA-256 of their content. */
export interface ContentCache {
  readonly folder: string;
  /**
   * The name of the file with this content, written unless it is there and still what its name says. It is kept while this
   * cache is open. Throws MAR_COMPRESSED_WEIGHTS for more than the cache may hold, DISK_FULL, NOT_WRITABLE.
   */
  put(content: CacheContent): Promise<string>;
  /** What was remembered under `key`; null when nothing was, or when its file is gone or no longer as it was written. */
  recall(key: string): Promise<CacheReceipt | null>;
  /** Waits while another process makes what `key` is to stand for, and then keeps others waiting until it is released. */
  claim(key: string): Promise<ReleaseClaim>;
  /** Notes that `key` stands for a file of this cache, and some bytes beside it, so that nobody needs to read the content again. */
  remember(key: string, receipt: CacheReceipt): Promise<void>;
}

/** Where unpacked weights are kept: EISEN_DEPLOY_CACHE, else the user's folder for caches. */
export function defaultCacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const own = env['EISEN_DEPLOY_CACHE'];
  if (own !== undefined && own !== '') return path.resolve(own);
  return path.join(env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'eisen-deploy', 'weights');
}

async function hashOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of stream) hash.update(piece);
  return hash.digest('hex');
}

async function isWhole(file: string, sha256: string): Promise<boolean> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
  if (handle === null) return false;
  return (await hashOf(createReadStream('', { fd: handle }))) === sha256;
}

interface CachedFile {
  readonly name: string;
  readonly isReceipt: boolean;
  readonly bytes: number;
  readonly usedMs: number;
}

async function listFiles(folder: string): Promise<CachedFile[]> {
  const files: CachedFile[] = [];
  for (const name of await readdir(folder)) {
    const isReceipt = RECEIPT_NAME.test(name);
    if (!isReceipt && !/^[0-9a-f]{64}$/.test(name)) continue;
    const stats = await lstat(path.join(folder, name)).catch(() => null);
    if (stats === null) continue;
    files.push({ name, isReceipt, bytes: stats.size, usedMs: Math.max(stats.atimeMs, stats.mtimeMs) });
  }
  return files.sort((a, b) => a.usedMs - b.usedMs);
}

/** Weights steer what a model says: nobody else may be able to put them there. */
async function makePrivate(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const stats = await lstat(folder);
  if (stats.isDirectory() && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0) return realpath(folder);
  throw new EisenError('NOT_WRITABLE', `${folder}: the cache is no folder that only its owner may enter.`, {
    where: folder,
    expected: 'a folder of this user, mode 700',
    hint: 'Change it with chmod 700, or name another by EISEN_DEPLOY_CACHE.',
  });
}

async function writeContent(content: CacheContent, folder: string): Promise<string> {
  const temporary = temporaryBeside(path.join(folder, 'weights'));
  try {
    const file = await open(temporary, 'wx', 0o400);
    const hash = createHash('sha256');
    try {
      for await (const piece of content.stream()) {
        hash.update(piece);
        for (let at = 0; at < piece.length; ) at += (await file.write(piece, at, piece.length - at)).bytesWritten;
      }
    } finally {
      await file.close();
    }
    const name = hash.digest('hex');
    // Of two that write the same at once the first stays: those who map it already share its pages with the second.
    const target = path.join(folder, name);
    await commitFile(temporary, target, false).catch(async (error: unknown) => {
      if (!isEisenError(error) || error.code !== 'FILE_EXISTS') throw error;
      if ((await lstat(target)).size === content.bytes) await rm(temporary, { force: true });
      else await rename(temporary, target);
    });
    return name;
  } catch (error) {
    await rm(temporary, { force: true });
    throw asWriteError(error, folder);
  }
}

/** Opens the cache, after removing what killed processes have left in it and the longest unused files above its bound. */
export async function openContentCache(options: {
  readonly folder: string;
  readonly limitBytes?: number;
}): Promise<ContentCache> {
  const { limitBytes = LIMITS.cacheBytes } = options;
  const folder = await makePrivate(options.folder).catch((error: unknown) => {
    throw asWriteError(error, options.folder);
  });
  const kept = new Set<string>();
  const makeRoom = async (bytes: number): Promise<void> => {
    const files = await listFiles(folder);
    let total = files.reduce((sum, file) => sum + file.bytes, bytes);
    for (const file of files) {
      if (total <= limitBytes || kept.has(file.name)) continue;
      // A worker that maps the file keeps it: the name goes, the pages stay.
      await rm(path.join(folder, file.name), { force: true });
      total -= file.bytes;
    }
  };
  await sweepLeftovers(folder);
  for (const name of (await readdir(folder)).filter((each) => CLAIM_NAME.test(each))) {
    const file = path.join(folder, name);
    if (await isStaleClaim(file)) await rm(file, { force: true });
  }
  await makeRoom(0);
  const receipts = (await listFiles(folder)).filter((file) => file.isReceipt);
  for (const { name } of receipts.slice(0, -LIMITS.cacheReceipts)) await rm(path.join(folder, name), { force: true });
  return {
    folder,
    async put(content) {
      const files = (await listFiles(folder)).filter((file) => !file.isReceipt);
      const held = files.filter((file) => kept.has(file.name)).reduce((sum, file) => sum + file.bytes, 0);
      if (held + content.bytes > limitBytes) {
        throw refuse('MAR_COMPRESSED_WEIGHTS', content.where, `they need ${held + content.bytes} bytes unpacked.`, {
          expected: `at most ${limitBytes} bytes`,
          hint: 'Package the model again with eisen-deploy, which stores weights.',
        });
      }
      // Only a file of the same length can be the same: without one the content is read once, not twice.
      if (files.some((file) => file.bytes === content.bytes)) {
        const name = await hashOf(content.stream());
        const file = path.join(folder, name);
        if (await isWhole(file, name)) {
          kept.add(name);
          await markUsed(file);
          return name;
        }
        await rm(file, { force: true });
      }
      await makeRoom(content.bytes);
      const name = await writeContent(content, folder);
      kept.add(name);
      return name;
    },
    async recall(key) {
      const receipt = await readReceipt(folder, key);
      if (receipt !== null) kept.add(receipt.file);
      return receipt;
    },
    claim: (key) => claimKey(folder, key),
    remember: (key, receipt) => writeReceipt(folder, key, receipt),
  };
}
