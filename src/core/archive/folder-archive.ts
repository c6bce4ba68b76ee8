import { constants, type Dirent } from 'node:fs';
import { lstat, open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isSameFile } from '../files/same-file.js';
import type { Archive } from './archive.js';
import { openEntries } from './collect.js';
import { readPieces } from './entry-data.js';
import { checkEntryName } from './entry-name.js';
import { checkEntryCount, checkEntrySet } from './entry-set.js';
import { refuse, showText } from './refuse.js';

interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly bytes: number;
  readonly storedBytes: number;
  readonly method: 'stored';
  readonly crc32: null;
}

async function inspect(item: Dirent, file: string, name: string, where: string): Promise<FolderEntry> {
  const at = `${where}: entry '${showText(name)}'`;
  if (item.isSymbolicLink()) throw refuse('MAR_LINK', at, 'it is a symbolic link.');
  if (!item.isFile() && !item.isDirectory())
    throw refuse('MAR_SPECIAL_FILE', at, 'it is a device, a pipe or a socket.');
  const stats = await lstat(file);
  // A hard link can name a file that its owner never meant to hand out.
  if (item.isFile() && stats.nlink !== 1)
    throw refuse('MAR_LINK', at, `the file has ${stats.nlink} names (hard links).`);
  const bytes = item.isFile() ? stats.size : 0;
  return { name, isFolder: item.isDirectory(), bytes, storedBytes: bytes, method: 'stored', crc32: null };
}

async function walkFolder(root: string, where: string): Promise<FolderEntry[]> {
  const found: FolderEntry[] = [];
  const waiting = [''];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const items = await readdir(path.join(root, folder), { withFileTypes: true });
    checkEntryCount(found.length + items.length, where);
    for (const item of items) {
      const name = folder === '' ? item.name : `${folder}/${item.name}`;
      checkEntryName(name, where);
      found.push(await inspect(item, path.join(root, name), name, where));
      if (item.isDirectory()) waiting.push(name);
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A folder whose only content is another folder stands for that one, as cloud stores lay archives out. */
async function descend(folder: string): Promise<string> {
  let root = folder;
  for (let depth = 0; depth < 4; depth += 1) {
    const items = await readdir(root, { withFileTypes: true });
    if (items.length !== 1 || !items[0]!.isDirectory() || items[0]!.name === 'MAR-INF') break;
    root = path.join(root, items[0]!.name);
  }
  return root;
}

async function* readFile(file: string, entry: FolderEntry, where: string): AsyncGenerator<Uint8Array> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch((cause: unknown) => {
    throw refuse('MAR_DATA', where, `entry '${showText(entry.name)}' cannot be read.`, { cause });
  });
  try {
    yield* readPieces(handle.fd, 0, entry.bytes, `${where}: entry '${showText(entry.name)}'`);
  } finally {
    await handle.close();
  }
}

/** Opens a model folder under the same policy as an archive: no links, no special files, the same names and sizes. */
export async function openFolderArchive(folder: string, where: string): Promise<Archive> {
  const root = await descend(folder);
  const opened = await stat(root);
  const all = await walkFolder(root, where);
  checkEntrySet(all, where);
  const entries = all.filter((entry) => !entry.isFolder);
  const { find, access } = await openEntries(where, entries, (entry) =>
    readFile(path.join(root, entry.name), entry, where),
  );
  return {
    path: root,
    format: 'folder',
    ...access,
    locateEntry(name) {
      const entry = find(name);
      return entry === undefined ? null : { path: path.join(root, name), offset: 0, bytes: entry.bytes };
    },
    isCurrent: () => isSameFile(root, opened),
    close: async () => undefined,
  };
}
