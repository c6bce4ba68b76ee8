import { type Stats, statSync } from 'node:fs';
import path from 'node:path';
import type { Archive } from '../../archive/archive.js';
import { EisenError } from '../../errors/error.js';
import { isSameFile } from '../../files/same-file.js';

function replaced(where: string): EisenError {
  return new EisenError(
    'ARCHIVE_REPLACED',
    `${where}: the file was replaced, changed or removed after it was registered; no worker is started on another one.`,
    {
      where,
      expected: 'the file that was registered (same inode, size and time)',
      hint:
        'To serve the new file, unregister the model and register it again, or give it another version and register ' +
        'that beside the old one. Workers that run keep the old file and go on answering.',
    },
  );
}

/**
 * Tells from now on why no worker may open the archive: ARCHIVE_REPLACED when that on disk is not the registered one, else null.
 * A file is known by its inode, size and time of change; a folder by those of each file that it had.
 * @throws EisenError ARCHIVE_REPLACED
 */
export function guardArchive(
  archive: Pick<Archive, 'path' | 'format' | 'entries' | 'isCurrent'>,
): () => EisenError | null {
  const where = path.basename(archive.path);
  const files =
    archive.format === 'folder'
      ? archive.entries.map(({ name }) => path.join(archive.path, name))
      : [path.resolve(archive.path)];
  let known: [string, Stats][];
  try {
    known = files.map((file) => [file, statSync(file)]);
  } catch {
    throw replaced(where);
  }
  // Between its opening and this moment it may have been another file already.
  if (!archive.isCurrent()) throw replaced(where);
  return () => (known.every(([file, stats]) => isSameFile(file, stats)) ? null : replaced(where));
}
