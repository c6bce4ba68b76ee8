import { wrapFile } from '../files/byte-source.js';
import { isSameFile } from '../files/same-file.js';
import type { Archive } from './archive.js';
import type { ArchiveFile } from './archive-file.js';
import { openEntries } from './collect.js';
import { readSmallZipContent, readZipContent } from './entry-data.js';
import { readZipDirectory } from './zip-directory.js';
import { readZipEndRecord } from './zip-end-record.js';
import { checkZipLayout } from './zip-layout.js';

/** Opens a zip archive after the whole policy of names, sizes, modes and layout; `file` stays with it until close(). */
export async function openZipArchive({ path, where, fd, opened, close }: ArchiveFile): Promise<Archive> {
  const source = wrapFile(fd, 0, opened.size);
  const end = readZipEndRecord(source, where);
  const directory = await readZipDirectory(source, end, where);
  const entries = checkZipLayout(source, directory, end.directoryOffset, where).filter((entry) => !entry.isFolder);
  const { find, access } = await openEntries(
    where,
    entries,
    (entry) => readZipContent(fd, entry, where),
    (entry) => readSmallZipContent(fd, entry, where),
  );
  return {
    path,
    format: 'zip',
    ...access,
    locateEntry(name) {
      const entry = find(name);
      if (entry === undefined || entry.method !== 'stored') return null;
      return { path, offset: entry.dataOffset, bytes: entry.bytes };
    },
    isCurrent: () => isSameFile(path, opened),
    close,
  };
}
