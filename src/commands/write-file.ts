import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { EisenError } from '../core/errors/error.js';

/**
 * Writes a file so that nobody ever sees a part of it: beside its place, then renamed. A failure or an abort leaves nothing.
 *
 * @throws FILE_EXISTS without `force` when the file is there, FILE_NOT_FOUND for a folder that cannot be written, DISK_FULL.
 */
export async function writeFileAtomic(
  file: string,
  pieces: readonly Uint8Array[],
  options: { readonly force?: boolean; readonly signal?: AbortSignal } = {},
): Promise<void> {
  if (options.force !== true) await refuseExisting(file);
  const scratch = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}.part`);
  try {
    const handle = await open(scratch, 'wx', 0o666);
    try {
      for (const piece of pieces) {
        options.signal?.throwIfAborted();
        await writeWhole(handle, piece);
      }
    } finally {
      await handle.close();
    }
    await rename(scratch, file);
  } catch (error) {
    await rm(scratch, { force: true });
    throw options.signal?.aborted === true
      ? new EisenError('CANCELLED', `${file}: cancelled before it was written.`, { where: file })
      : explainWriteError(error, file);
  }
}

async function writeWhole(handle: Awaited<ReturnType<typeof open>>, piece: Uint8Array): Promise<void> {
  // One write call may take less than it was given: 2 GiB at most on Linux.
  for (let offset = 0; offset < piece.byteLength; ) {
    const { bytesWritten } = await handle.write(piece, offset, Math.min(piece.byteLength - offset, 1 << 30));
    offset += bytesWritten;
  }
}

async function refuseExisting(file: string): Promise<void> {
  const there = await access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
  if (!there) return;
  throw new EisenError('FILE_EXISTS', `${file}: exists already.`, { where: file, hint: 'Overwrite it with --force.' });
}

/** What a failed write means; no space left is told apart, for a later try may succeed. */
export function explainWriteError(error: unknown, file: string): EisenError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new EisenError('DISK_FULL', `${file}: no space is left to write it.`, { where: file, cause: error });
  }
  return new EisenError('FILE_NOT_FOUND', `${file}: cannot be written (${code || message}).`, {
    where: file,
    cause: error,
  });
}
