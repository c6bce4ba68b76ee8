import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { openArchive } from '../../src/core/archive/open-archive.js';
import { isEisenError } from '../../src/core/errors/error.js';
import { peerPython, ROOT } from './peer-python.js';

/** Name, bytes and SHA-256 of each file in an archive, or why the reader refused it. */
export type Listing = readonly (readonly [string, number, string])[] | { readonly refused: string };

export const isRefused = (listing: Listing): listing is { readonly refused: string } => 'refused' in listing;

function runLister(command: string, args: readonly string[], files: readonly string[]): Listing[] {
  const { stdout, status, stderr, error } = spawnSync(command, args, {
    input: `${files.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error !== undefined || status !== 0) throw new Error(`${command} ended with ${status}: ${error ?? stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Listing);
}

/** What Java's ZipInputStream, the reader of TorchServe, sees in each file. */
export const listByJava = (files: readonly string[]): Listing[] =>
  runLister('java', [path.join(ROOT, 'test', 'interop', 'ListZip.java')], files);

export const listByPython = (files: readonly string[], python = peerPython()): Listing[] =>
  runLister(python, [path.join(ROOT, 'test', 'interop', 'list_zip.py')], files);

/** What Info-ZIP sees: the names in its order, and the SHA-256 of all contents one after the other. */
export function readByInfoZip(
  file: string,
): { readonly names: readonly string[]; readonly sha256: string } | { readonly refused: string } {
  const names = spawnSync('unzip', ['-Z1', file], { encoding: 'utf8' });
  const content = spawnSync('unzip', ['-p', file], { maxBuffer: 1 << 29 });
  if (names.error !== undefined || content.error !== undefined) throw names.error ?? content.error;
  if (names.status !== 0 || content.status !== 0) return { refused: `${names.stderr}${content.stderr}` };
  return {
    names: names.stdout.split('\n').filter((name) => name !== '' && !name.endsWith('/')),
    sha256: createHash('sha256').update(content.stdout).digest('hex'),
  };
}

/** The same of our reader. */
export async function readByUs(file: string): Promise<{ readonly names: readonly string[]; readonly sha256: string }> {
  const archive = await openArchive(file);
  const hash = createHash('sha256');
  for (const { name } of archive.entries) hash.update(await archive.readEntry(name));
  await archive.close();
  return { names: archive.entries.map((entry) => entry.name), sha256: hash.digest('hex') };
}

/** What our reader sees, or its code. */
export async function listByUs(file: string): Promise<Listing> {
  try {
    const archive = await openArchive(file, { verify: true });
    try {
      const rows: [string, number, string][] = [];
      for (const { name, bytes } of archive.entries) {
        rows.push([
          name,
          bytes,
          createHash('sha256')
            .update(await archive.readEntry(name))
            .digest('hex'),
        ]);
      }
      return rows;
    } finally {
      await archive.close();
    }
  } catch (error) {
    if (isEisenError(error)) return { refused: error.code };
    throw error;
  }
}

/** A listing that does not depend on the order in which a reader goes. */
export function sortListing(listing: Listing): Listing {
  return isRefused(listing) ? listing : [...listing].sort(([a], [b]) => (a < b ? -1 : 1));
}
