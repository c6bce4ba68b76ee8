import { LIMITS } from '../limits.js';
import type { ArchiveEntry } from './archive.js';
import { checkEntryName, foldEntryName } from './entry-name.js';
import { refuse, showText } from './refuse.js';

/** What the policy needs to know of one entry, folders included. */
export interface DeclaredEntry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly bytes: number;
  readonly storedBytes: number;
}

const MiB = 1024 * 1024;

/** Sizes that an archive may claim: each entry, their sum, and how far an entry may blow up. */
export function checkEntrySize(entry: Omit<DeclaredEntry, 'isFolder'>, totalBytes: number, where: string): void {
  const at = `${where}: entry '${showText(entry.name)}'`;
  if (!Number.isSafeInteger(entry.bytes) || entry.bytes > LIMITS.archiveEntryBytes) {
    throw refuse(
      'MAR_ENTRY_TOO_LARGE',
      at,
      `it claims ${entry.bytes} bytes; at most ${LIMITS.archiveEntryBytes} are accepted.`,
    );
  }
  if (totalBytes > LIMITS.archiveTotalBytes) {
    throw refuse('MAR_TOTAL_TOO_LARGE', where, `the entries are more than ${LIMITS.archiveTotalBytes} bytes together.`);
  }
  if (entry.bytes > MiB && entry.bytes > entry.storedBytes * LIMITS.archiveRatio) {
    throw refuse(
      'MAR_RATIO',
      at,
      `${entry.storedBytes} bytes blow up to ${entry.bytes}; at most ${LIMITS.archiveRatio} times is accepted.`,
    );
  }
}

export function checkEntryCount(count: number, where: string): void {
  if (count > LIMITS.archiveEntries) {
    throw refuse('MAR_TOO_MANY_ENTRIES', where, `${count} entries; at most ${LIMITS.archiveEntries} are accepted.`);
  }
}

/** Checks all names, sizes and collisions of an archive; the order of the entries does not matter. */
export function checkEntrySet(entries: readonly DeclaredEntry[], where: string): void {
  checkEntryCount(entries.length, where);
  const exact = new Set<string>();
  const files = new Map<string, string>();
  const folders = new Map<string, string>();
  let totalBytes = 0;
  for (const entry of entries) {
    checkEntryName(entry.name, where);
    totalBytes += entry.bytes;
    checkEntrySize(entry, totalBytes, where);
    const at = `${where}: entry '${showText(entry.name)}'`;
    if (exact.has(entry.name)) throw refuse('MAR_DUPLICATE', at, 'the name stands in the archive twice.');
    exact.add(entry.name);
    const key = foldEntryName(entry.name);
    const own = entry.isFolder ? folders : files;
    const other = own.get(key);
    if (other !== undefined && other !== entry.name) {
      throw refuse(
        'MAR_DUPLICATE_FOLDED',
        at,
        `it is the same file as '${showText(other)}' where letter case does not count.`,
      );
    }
    own.set(key, entry.name);
    const segments = entry.name.split('/');
    for (let depth = 1; depth < segments.length; depth += 1) {
      const folder = segments.slice(0, depth).join('/');
      const folderKey = foldEntryName(folder);
      const known = folders.get(folderKey);
      if (known !== undefined && known !== folder) {
        throw refuse(
          'MAR_DUPLICATE_FOLDED',
          at,
          `its folder is the same as '${showText(known)}' where letter case does not count.`,
        );
      }
      folders.set(folderKey, folder);
    }
  }
  for (const [key, name] of files) {
    if (folders.has(key))
      throw refuse('MAR_FILE_AND_FOLDER', `${where}: entry '${showText(name)}'`, 'the name is a file and a folder.');
  }
}

/** Entries by name, for look-up. */
export function indexEntries<T extends ArchiveEntry>(entries: readonly T[]): ReadonlyMap<string, T> {
  return new Map(entries.map((entry) => [entry.name, entry]));
}
