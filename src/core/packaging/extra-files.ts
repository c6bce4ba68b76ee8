import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { PackEntry } from '../archive/pack-content.js';
import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import { expandGlob, hasGlob } from './expand-glob.js';

/** Something the person at the terminal should know; the package is made all the same. */
export type Warn = (line: string) => void;

const DROPPED_FOLDERS = new Set(['__MACOSX', '__pycache__']);

/** A file on disk as a whole, for an entry of the archive. */
export async function fileEntry(name: string, file: string): Promise<PackEntry> {
  const stats = await stat(file).catch((cause: unknown) => {
    throw new EisenError('FILE_NOT_FOUND', `File does not exist: ${file}`, { where: file, cause });
  });
  if (!stats.isFile()) throw new EisenError('FILE_NOT_FOUND', `${file}: it is no regular file.`, { where: file });
  return { name, content: [{ path: file, offset: 0, bytes: stats.size }] };
}

async function listFolder(folder: string, prefix: string, warn: Warn): Promise<{ name: string; file: string }[]> {
  const found: { name: string; file: string }[] = [];
  for (const item of (await readdir(folder)).sort()) {
    const file = path.join(folder, item);
    const name = prefix === '' ? item : `${prefix}/${item}`;
    const stats = await stat(file).catch(() => null);
    if (stats?.isDirectory() === true) {
      if (DROPPED_FOLDERS.has(item) || item.startsWith('.')) continue;
      if (name.split('/').length > LIMITS.archiveDepth) {
        throw new EisenError('USAGE', `${file}: folders are nested deeper than ${LIMITS.archiveDepth}.`, {
          where: file,
        });
      }
      found.push(...(await listFolder(file, name, warn)));
    } else if (stats?.isFile() !== true)
      throw new EisenError('USAGE', `Invalid extra file given ${file}`, { where: file });
    else if (item.startsWith('.')) warn(`${file}: left out; names that begin with a dot are not accepted in archives.`);
    else found.push({ name, file });
    if (found.length > LIMITS.archiveEntries) {
      throw new EisenError('USAGE', `${folder}: more than ${LIMITS.archiveEntries} files.`, { where: folder });
    }
  }
  return found;
}

/** The paths that one item of --extra-files means. A file that is called like the pattern is that file. */
async function resolveItem(item: string, warn: Warn): Promise<string[]> {
  for (const candidate of [item, item.trim()]) {
    if (
      await stat(candidate).then(
        () => true,
        () => false,
      )
    )
      return [candidate];
  }
  if (!hasGlob(item))
    throw new EisenError('FILE_NOT_FOUND', `File does not exist: ${item}`, { where: '--extra-files' });
  const found = await expandGlob(item.trim());
  if (found.length === 0) warn(`Given wildcard pattern did not match any file: ${item}`);
  return found;
}

/**
 * The entries of a comma list of files, folders and patterns: a file goes to the root of the archive, of a folder its
 * content does. Two files for one name are refused (torch-model-archiver keeps the last one and says nothing).
 */
export async function collectExtraFiles(list: string, warn: Warn): Promise<PackEntry[]> {
  const sources = new Map<string, string>();
  for (const item of list.split(',').filter((part) => part.trim() !== '')) {
    for (const file of await resolveItem(item, warn)) {
      const isFolder = (await stat(file)).isDirectory();
      const members = isFolder ? await listFolder(file, '', warn) : [{ name: path.basename(file), file }];
      for (const member of members) {
        const other = sources.get(member.name);
        if (other !== undefined && path.resolve(other) !== path.resolve(member.file)) {
          throw new EisenError('USAGE', `${member.file} and ${other} would both be '${member.name}' in the archive.`, {
            where: '--extra-files',
            hint: 'Rename one of them, or put it into a folder of its own.',
          });
        }
        sources.set(member.name, member.file);
      }
    }
  }
  return Promise.all([...sources].map(([name, file]) => fileEntry(name, file)));
}
