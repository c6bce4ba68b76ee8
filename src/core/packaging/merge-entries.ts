import type { PackEntry } from '../archive/pack-content.js';
import { EisenError } from '../errors/error.js';

/** Entries from several places under one roof; the same name from two places is refused, never overwritten. */
export function mergeEntries(groups: Readonly<Record<string, readonly PackEntry[]>>): PackEntry[] {
  const origins = new Map<string, string>();
  const merged: PackEntry[] = [];
  for (const [origin, entries] of Object.entries(groups)) {
    for (const entry of entries) {
      const other = origins.get(entry.name);
      if (other !== undefined) {
        throw new EisenError(
          'USAGE',
          `'${entry.name}' would be in the archive twice: from ${other} and from ${origin}.`,
          {
            where: entry.name,
            hint: 'Rename the file.',
          },
        );
      }
      origins.set(entry.name, origin);
      merged.push(entry);
    }
  }
  return merged;
}
