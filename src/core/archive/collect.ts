import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import type { Archive, ArchiveEntry } from './archive.js';
import { indexEntries } from './entry-set.js';
import { readManifest } from './parse-manifest.js';
import { refuse, showText } from './refuse.js';

/** What reads alike in every format, and a look-up by name for the rest. */
export interface EntryAccess<T> {
  find(name: string): T | undefined;
  readonly access: Pick<Archive, 'manifest' | 'entries' | 'readEntry' | 'streamEntry'>;
}

/**
 * The parts of an archive that do not depend on its format, built from how one entry is streamed. `readSmall` may give a
 * short one at once. Throws what is wrong with the manifest.
 */
export async function openEntries<T extends ArchiveEntry>(
  where: string,
  entries: readonly T[],
  stream: (entry: T) => AsyncGenerator<Uint8Array>,
  readSmall: (entry: T) => Uint8Array | null = () => null,
): Promise<EntryAccess<T>> {
  const index = indexEntries(entries);
  const demand = (name: string): T => {
    const entry = index.get(name);
    if (entry === undefined) throw refuse('MAR_NO_ENTRY', where, `there is no entry '${showText(name)}'.`);
    return entry;
  };
  const find = (name: string): T | undefined => index.get(name);
  const reading: Pick<Archive, 'entries' | 'readEntry' | 'streamEntry'> = {
    entries: entries.map(({ name, bytes, storedBytes, method, crc32 }) => ({
      ...{ name, bytes, storedBytes, method, crc32 },
    })),
    streamEntry: (name) => stream(demand(name)),
    async readEntry(name, { limitBytes = LIMITS.archiveEntryBytes } = {}) {
      const entry = demand(name);
      if (entry.bytes > limitBytes) {
        const at = `${where}: entry '${showText(name)}'`;
        throw new EisenError(
          'LIMIT_EXCEEDED',
          `${at}: it has ${entry.bytes} bytes; at most ${limitBytes} are read here.`,
          { where: at },
        );
      }
      const small = readSmall(entry);
      if (small !== null) return small;
      const pieces: Uint8Array[] = [];
      for await (const piece of stream(entry)) pieces.push(piece);
      return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, entry.bytes);
    },
  };
  return { find, access: { ...reading, manifest: await readManifest({ find, ...reading }, where) } };
}
