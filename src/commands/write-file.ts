import { copyFile, link, lstat, open, rename, rm, stat } from 'node:fs/promises';
import { EisenError } from '../core/errors/error.js';
import { commitFile, temporaryBeside } from '../core/files/atomic-output.js';
import { asWriteError } from '../core/files/file-error.js';

/** One file to be, as the pieces of its bytes. */
export interface FileToWrite {
  readonly file: string;
  readonly pieces: readonly Uint8Array[];
}

interface WriteOptions {
  readonly force?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Writes a file so that nobody ever sees a part of it: beside its place, then renamed. A failure or an abort leaves nothing.
 *
 * @throws FILE_EXISTS without `force` when the file is there, NOT_WRITABLE (a device or a pipe, even with `force`), DISK_FULL, CANCELLED.
 */
export async function writeFileAtomic(
  file: string,
  pieces: readonly Uint8Array[],
  options: WriteOptions = {},
): Promise<void> {
  await writeFilesAtomic([{ file, pieces }], options);
}

/**
 * Several files, all or none of them: all are whole on the disk before the first is renamed, and what `force` overwrites is
 * kept until the last is. Throws as `writeFileAtomic`.
 */
export async function writeFilesAtomic(files: readonly FileToWrite[], options: WriteOptions = {}): Promise<void> {
  const force = options.force === true;
  const scratches: string[] = [];
  const placed: string[] = [];
  const kept = new Map<string, string>();
  let current = '';
  try {
    for (const { file, pieces } of files) {
      current = file;
      await refuseSpecial(file);
      if (!force) await refuseExisting(file);
      const scratch = temporaryBeside(file);
      scratches.push(scratch);
      await writeScratch(scratch, pieces, options.signal);
    }
    for (const [index, { file }] of files.entries()) {
      current = file;
      // The last rename puts an end to it: what it replaces need not be put back.
      const old = force && index < files.length - 1 ? await keepOld(file) : null;
      if (old !== null) kept.set(file, old);
      await commitFile(scratches[index]!, file, force);
      placed.push(file);
    }
  } catch (error) {
    const left = [...scratches, ...placed.filter((file) => !kept.has(file))];
    for (const [file, old] of kept) {
      // Both names may still be those of one file, which a rename leaves as they are.
      await rename(old, file).then(
        () => left.push(old),
        () => undefined,
      );
    }
    // What cannot be looked at cannot be removed either; the first error says why.
    for (const file of left) await rm(file, { force: true }).catch(() => undefined);
    throw options.signal?.aborted === true
      ? new EisenError('CANCELLED', `${current}: cancelled before it was written.`, { where: current })
      : asWriteError(error, current);
  }
  for (const old of kept.values()) await rm(old, { force: true }).catch(() => undefined);
}

/** A second name for what stands in this place, null when nothing does. */
async function keepOld(file: string): Promise<string | null> {
  const there = await lstat(file).catch(() => null);
  if (there === null || there.isDirectory()) return null;
  const old = temporaryBeside(file);
  // File systems without hard links get a copy.
  await link(file, old).catch(() => copyFile(file, old));
  return old;
}

async function writeScratch(scratch: string, pieces: readonly Uint8Array[], signal?: AbortSignal): Promise<void> {
  const handle = await open(scratch, 'wx', 0o666);
  try {
    for (const piece of pieces) {
      signal?.throwIfAborted();
      await writeWhole(handle, piece);
    }
  } finally {
    await handle.close();
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
