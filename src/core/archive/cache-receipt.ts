import { createHash } from 'node:crypto';
import { lstat, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryBeside } from '../files/atomic-output.js';
import { asWriteError } from '../files/file-error.js';

/** What a source became in the cache. */
export interface CacheReceipt {
  /** Name of the file with its weights. */
  readonly file: string;
  /** Bytes that were derived beside them, such as the graph that points into them. */
  readonly note: Uint8Array;
}

export const RECEIPT_NAME = /^[0-9a-f]{64}\.receipt$/;
const FORMAT = 'eisen-receipt/1';

const receiptPath = (folder: string, key: string): string =>
  path.join(folder, `${createHash('sha256').update(key).digest('hex')}.receipt`);

const SECOND_MS = 1000;

/**
 * Marks a file as used now. Its time of writing stays, in whole seconds, which a file system gives back as they were set:
 * a later one would mean that somebody wrote into it.
 */
export async function markUsed(file: string): Promise<void> {
  const stats = await lstat(file).catch(() => null);
  if (stats === null) return;
  await utimes(file, new Date(), Math.floor(stats.mtimeMs / SECOND_MS)).catch(() => undefined);
}

/** Identity of a cached file as long as nobody writes into it; null when it is not there. */
async function stampOf(file: string): Promise<string | null> {
  const stats = await lstat(file).catch(() => null);
  if (stats?.isFile() !== true) return null;
  return `${stats.ino}:${stats.size}:${Math.floor(stats.mtimeMs / SECOND_MS)}`;
}

/** Writes the receipt beside and renames it; its first line says which file it is about, the rest is the note. */
export async function writeReceipt(folder: string, key: string, { file, note }: CacheReceipt): Promise<void> {
  const stamp = await stampOf(path.join(folder, file));
  const line = Buffer.from(`${JSON.stringify({ format: FORMAT, file, stamp })}\n`);
  const temporary = temporaryBeside(path.join(folder, 'receipt'));
  try {
    await writeFile(temporary, Buffer.concat([line, note]), { flag: 'wx', mode: 0o400 });
    await rename(temporary, receiptPath(folder, key));
  } catch (error) {
    await rm(temporary, { force: true });
    throw asWriteError(error, folder);
  }
}

function parseLine(text: string): { file: string; stamp: string } | null {
  try {
    const { format, file, stamp } = JSON.parse(text) as { format?: unknown; file?: unknown; stamp?: unknown };
    if (format !== FORMAT || typeof file !== 'string' || typeof stamp !== 'string') return null;
    return /^[0-9a-f]{64}$/.test(file) ? { file, stamp } : null;
  } catch {
    return null;
  }
}

/** The receipt for `key`, when the file that it is about is still the one that was written; both count as used now. */
export async function readReceipt(folder: string, key: string): Promise<CacheReceipt | null> {
  const own = receiptPath(folder, key);
  const bytes = await readFile(own).catch(() => null);
  if (bytes === null) return null;
  const end = bytes.indexOf(10);
  const line = end < 0 ? null : parseLine(bytes.toString('utf8', 0, end));
  if (line === null || (await stampOf(path.join(folder, line.file))) !== line.stamp) {
    await rm(own, { force: true });
    return null;
  }
  await markUsed(own);
  await markUsed(path.join(folder, line.file));
  return { file: line.file, note: bytes.subarray(end + 1) };
}
