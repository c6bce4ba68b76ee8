import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { temporaryBeside } from '../files/atomic-output.js';
import { asWriteError } from '../files/file-error.js';
import type { Archive } from './archive.js';
import { refuse } from './refuse.js';

async function writeEntry(archive: Archive, name: string, root: string): Promise<void> {
  const target = path.resolve(root, ...name.split('/'));
  // The names have passed the policy; this line holds even if one ever should not.
  if (!target.startsWith(root + path.sep))
    throw refuse('MAR_NAME_TRAVERSAL', name, 'the name leads out of the folder.');
  await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
  const file = await open(target, 'wx', 0o600);
  try {
    for await (const piece of archive.streamEntry(name)) {
      for (let at = 0; at < piece.length; ) at += (await file.write(piece, at, piece.length - at)).bytesWritten;
    }
  } finally {
    await file.close();
  }
}

/** Reads every entry to its end: throws MAR_CRC, MAR_SIZE or MAR_DATA for one that is not what the archive claims. */
export async function verifyContent(archive: Archive): Promise<void> {
  for (const { name } of archive.entries) {
    for await (const piece of archive.streamEntry(name)) void piece;
  }
}

/**
 * Unpacks an archive into `target`, which must not exist: all content is checked first, then written into a private folder
 * beside it (folders 0700, files 0600, whatever the archive says), which takes the name of the target at the end.
 */
export async function extractArchive(archive: Archive, target: string): Promise<void> {
  await verifyContent(archive);
  const temporary = path.resolve(temporaryBeside(target));
  try {
    await mkdir(temporary, { mode: 0o700 });
    for (const { name } of archive.entries) await writeEntry(archive, name, temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw asWriteError(error, target);
  }
}
