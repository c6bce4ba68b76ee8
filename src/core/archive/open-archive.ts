import { statSync } from 'node:fs';
import path from 'node:path';
import { EisenError, isEisenError } from '../errors/error.js';
import { describeContent, ONNX_KIND } from '../files/file-kind.js';
import type { Archive } from './archive.js';
import { type ArchiveFile, openArchiveFile } from './archive-file.js';
import { verifyContent } from './extract-archive.js';
import { openFolderArchive } from './folder-archive.js';
import { refuse } from './refuse.js';
import { openTgzArchive } from './tgz-archive.js';
import { openZipArchive } from './zip-archive.js';

const ACCEPTED = 'a zip (.mar), a gzipped tar (.tar.gz) or a folder';

/** A file that neither begins nor ends as a zip is none that was damaged: it is something else. */
async function openZip(file: ArchiveFile): Promise<Archive> {
  try {
    return await openZipArchive(file);
  } catch (error) {
    if (!isEisenError(error) || error.code !== 'MAR_END_RECORD' || file.head.toString('latin1', 0, 2) === 'PK')
      throw error;
    const found = describeContent(file.head);
    throw refuse('MAR_FORMAT', file.where, `it is no archive but ${found}; expected ${ACCEPTED}.`, {
      ...{ expected: ACCEPTED, found, cause: error },
      ...(found === ONNX_KIND ? { hint: 'eisen-deploy package --model makes an archive of it.' } : {}),
    });
  }
}

async function openUnverified(archivePath: string): Promise<Archive> {
  const where = path.basename(archivePath);
  let isFolder: boolean;
  try {
    isFolder = statSync(archivePath).isDirectory();
  } catch (cause) {
    throw new EisenError('FILE_NOT_FOUND', `${where}: no such archive.`, { where, cause });
  }
  if (isFolder) return openFolderArchive(archivePath, where);
  const file = openArchiveFile(archivePath, where);
  try {
    return file.head[0] === 0x1f && file.head[1] === 0x8b ? await openTgzArchive(file) : await openZip(file);
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
