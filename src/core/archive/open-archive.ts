import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { EisenError } from '../errors/error.js';
import type { Archive } from './archive.js';
import { verifyContent } from './extract-archive.js';
import { openFolderArchive } from './folder-archive.js';
import { refuse } from './refuse.js';
import { openTgzArchive } from './tgz-archive.js';
import { openZipArchive } from './zip-archive.js';

async function openUnverified(archivePath: string): Promise<Archive> {
  const where = path.basename(archivePath);
  const stats = await stat(archivePath).catch((cause: unknown) => {
    throw new EisenError('FILE_NOT_FOUND', `${where}: no such archive.`, { where, cause });
  });
  if (stats.isDirectory()) return openFolderArchive(archivePath, where);
  if (!stats.isFile()) throw refuse('MAR_INVALID', where, 'it is neither a file nor a folder.');
  const file = await open(archivePath, 'r').catch((cause: unknown) => {
    throw new EisenError('FILE_NOT_FOUND', `${where}: the archive cannot be read.`, { where, cause });
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (bytesRead === 0) throw refuse('MAR_INVALID', where, 'the file is empty.');
    if (buffer[0] === 0x1f && buffer[1] === 0x8b) return await openTgzArchive(archivePath, file, where);
    return await openZipArchive(archivePath, file, where);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Opens a MAR: a zip, a gzipped tar or a folder, told apart by their first bytes and never by their name. With `verify` the
 * content of every entry is read and checked too, as a server does once when it registers a model; without it content is
 * checked when it is read. Throws FILE_NOT_FOUND, or the MAR_* code of the first rule that the archive breaks; by then
 * nothing has been written.
 */
export async function openArchive(archivePath: string, options: { readonly verify?: boolean } = {}): Promise<Archive> {
  const archive = await openUnverified(archivePath);
  if (options.verify !== true) return archive;
  try {
    await verifyContent(archive);
    return archive;
  } catch (error) {
    await archive.close();
    throw error;
  }
}
