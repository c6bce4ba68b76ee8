import { lstat, open, rm, stat } from 'node:fs/promises';
import { EisenError } from '../core/errors/error.js';
import { commitFile, temporaryBeside } from '../core/files/atomic-output.js';
import { asWriteError } from '../core/files/file-error.js';

/**
 * Writes a file so that nobody ever sees a part of it: beside its place, then renamed. A failure or an abort leaves nothing.
 *
 * @throws FILE_EXISTS without `force` when the file is there, NOT_WRITABLE (a device or a pipe, even with `force`), DISK_FULL, CANCELLED.
 */
export async function writeFileAtomic(
  file: string,
  pieces: readonly Uint8Array[],
  options: { readonly force?: boolean; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const force = options.force === true;
  await refuseSpecial(file);
  if (!force) await refuseExisting(file);
  const scratch = temporaryBeside(file);
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
    await commitFile(scratch, file, force);
  } catch (error) {
    // What cannot be looked at cannot be removed either; the first error says why.
    await rm(scratch, { force: true }).catch(() => undefined);
    throw options.signal?.aborted === true
      ? new EisenError('CANCELLED', `${file}: cancelled before it was written.`, { where: file })
      : asWriteError(error, file);
  }
}

async function writeWhole(handle: Awaited<ReturnType<typeof open>>, piece: Uint8Array): Promise<void> {
  // One write call may take less than it was given: 2 GiB at most on Linux.
  for (let offset = 0; offset < piece.byteLength; ) {
    const { bytesWritten } = await handle.write(piece, offset, Math.min(piece.byteLength - offset, 1 << 30));
    offset += bytesWritten;
  }
}

/**
 * Throws NOT_WRITABLE when the place is a device, a pipe or a socket, behind a link as well: a file that is renamed into
 * such a place would take it away.
 */
export async function refuseSpecial(file: string): Promise<void> {
  const there = await stat(file).catch(() => null);
  if (there === null || there.isFile() || there.isDirectory()) return;
  const kind = there.isFIFO() ? 'a pipe' : there.isSocket() ? 'a socket' : 'a device';
  throw new EisenError('NOT_WRITABLE', `${file}: that is ${kind}; expected a place for a file.`, {
    where: file,
    hint: 'Results are written whole under another name and then renamed; name a file.',
  });
}

/** Throws FILE_EXISTS when something stands in this place. */
export async function refuseExisting(file: string): Promise<void> {
  if ((await lstat(file).catch(() => null)) === null) return;
  throw new EisenError('FILE_EXISTS', `${file}: exists already.`, { where: file, hint: 'Overwrite it with --force.' });
}
