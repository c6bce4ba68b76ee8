import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import type { Archive, ArchiveEntry } from './archive.js';
import { indexEntries } from './entry-set.js';
import { refuse, showText } from './refuse.js';

/** The parts of an archive that do not depend on its format, built from how one entry is streamed. */
export function createEntryAccess<T extends ArchiveEntry>(
  where: string,
  entries: readonly T[],
  stream: (entry: T) => AsyncGenerator<Uint8Array>,
): Pick<Archive, 'readEntry' | 'streamEntry'> & { readonly find: (name: string) => T | undefined } {
  const index = indexEntries(entries);
  const demand = (name: string): T => {
    const entry = index.get(name);
    if (entry === undefined) throw refuse('MAR_NO_ENTRY', where, `there is no entry '${showText(name)}'.`);
    return entry;
  };
  return {
    find: (name) => index.get(name),
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
      const pieces: Uint8Array[] = [];
      for await (const piece of stream(entry)) pieces.push(piece);
      return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, entry.bytes);
    },
  };
}
