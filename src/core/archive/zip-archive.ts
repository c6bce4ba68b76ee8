import { type Stats, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { wrapFile } from '../files/byte-source.js';
import { LIMITS } from '../limits.js';
import type { Archive } from './archive.js';
import { createEntryAccess } from './collect.js';
import { readZipContent } from './entry-data.js';
import { readManifest } from './parse-manifest.js';
import { refuse } from './refuse.js';
import { readZipDirectory } from './zip-directory.js';
import { readZipEndRecord } from './zip-end-record.js';
import { checkZipLayout } from './zip-layout.js';

/** True while `path` names the same file as when it was opened; a rename over it makes this false. */
export function isSameFile(path: string, opened: Stats): boolean {
  try {
    const now = statSync(path);
    return (
      now.ino === opened.ino && now.dev === opened.dev && now.size === opened.size && now.mtimeMs === opened.mtimeMs
    );
  } catch {
    return false;
  }
}

/** Opens a zip archive after the whole policy of names, sizes, modes and layout; `file` stays with it until close(). */
export async function openZipArchive(path: string, file: FileHandle, where: string): Promise<Archive> {
  const opened = await file.stat();
  if (opened.size > LIMITS.archiveFileBytes) {
    throw refuse(
      'MAR_FILE_TOO_LARGE',
      where,
      `the file has ${opened.size} bytes; at most ${LIMITS.archiveFileBytes} are accepted.`,
    );
  }
  const source = wrapFile(file.fd, 0, opened.size);
  const end = readZipEndRecord(source, where);
  const directory = await readZipDirectory(source, end, where);
  const entries = checkZipLayout(source, directory, end.directoryOffset, where).filter((entry) => !entry.isFolder);
  const access = createEntryAccess(where, entries, (entry) => readZipContent(file.fd, entry, where));
  return {
    path,
    format: 'zip',
    manifest: await readManifest(access, where),
    entries: entries.map(({ name, bytes, storedBytes, method, crc32 }) => ({
      name,
      bytes,
      storedBytes,
      method,
      crc32,
    })),
    readEntry: access.readEntry,
    streamEntry: access.streamEntry,
    locateEntry(name) {
      const entry = access.find(name);
      if (entry === undefined || entry.method !== 'stored') return null;
      return { path, offset: entry.dataOffset, bytes: entry.bytes };
    },
    isCurrent: () => isSameFile(path, opened),
    close: () => file.close(),
  };
}
