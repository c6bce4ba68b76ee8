import { createHash } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { EisenError } from '../errors/error.js';
import { commitFile, commitFolder, sweepLeftovers, temporaryBeside } from '../files/atomic-output.js';
import { asWriteError } from '../files/file-error.js';
import type { ArchiveWriter, WrittenEntry } from './archive-writer.js';
import { createEarlyFlush } from './early-flush.js';
import { checkEntrySet } from './entry-set.js';
import { createFolderWriter } from './folder-writer.js';
import { INTEGRITY_NAME, renderIntegrity } from './integrity.js';
import { MANIFEST_NAME } from './manifest.js';
import { contentBytes, type PackEntry } from './pack-content.js';
import { createTgzWriter } from './tgz-writer.js';
import { createZipWriter } from './zip-writer.js';

/** The four forms of torch-model-archiver. `default` stores weights and deflates the rest; `zip-store` stores all. */
export const ARCHIVE_FORMATS = ['tgz', 'no-archive', 'zip-store', 'default'] as const;
export type ArchiveFormat = (typeof ARCHIVE_FORMATS)[number];

/** Numbers in the form in which frameworks write them: deflating them takes long and gains nothing. */
const WEIGHTS = /\.(onnx|ort|bin|data|pt|pth|pt2|safetensors|npz|npy|pkl|h5|pb|engine|plan|gz|zip|png|jpe?g)$/i;
const PROBE_BYTES = 64 * 1024;

export interface PackOptions {
  readonly entries: readonly PackEntry[];
  /** Text of MAR-INF/MANIFEST.json. */
  readonly manifest: string;
  readonly format: ArchiveFormat;
  /** Name of the model: of the folder inside a tgz. */
  readonly modelName: string;
  /** The file or folder to make. */
  readonly target: string;
  readonly force: boolean;
  readonly onProgress?: (progress: { readonly doneBytes: number; readonly totalBytes: number }) => void;
  readonly signal?: AbortSignal;
}

export interface PackedArchive {
  readonly path: string;
  readonly entries: readonly WrittenEntry[];
}

function chooseMethod(entry: PackEntry, format: ArchiveFormat): 'stored' | 'deflated' {
  if (format === 'zip-store') return 'stored';
  return WEIGHTS.test(entry.name) && contentBytes(entry.content) > PROBE_BYTES ? 'stored' : 'deflated';
}

async function writeEntries(writer: ArchiveWriter, options: PackOptions): Promise<WrittenEntry[]> {
  const sorted = [...options.entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  const written: WrittenEntry[] = [];
  for (const entry of sorted) {
    options.signal?.throwIfAborted();
    written.push(await writer.add(entry.name, entry.content, chooseMethod(entry, options.format)));
  }
  const method = options.format === 'zip-store' ? 'stored' : 'deflated';
  const manifest = Buffer.from(options.manifest, 'utf8');
  const manifestRow = {
    name: MANIFEST_NAME,
    bytes: manifest.length,
    sha256: createHash('sha256').update(manifest).digest('hex'),
  };
  const integrity = Buffer.from(renderIntegrity([...written, manifestRow]), 'utf8');
  written.push(await writer.add(INTEGRITY_NAME, [integrity], method));
  written.push(await writer.add(MANIFEST_NAME, [manifest], method));
  await writer.finish();
  return written;
}

/** The policy of the reader, applied before the first byte: what we write, we read. */
function checkPackEntries(entries: readonly PackEntry[], where: string): void {
  const declared = [...entries, { name: MANIFEST_NAME, content: [] }, { name: INTEGRITY_NAME, content: [] }].map(
    (entry) => {
      const bytes = contentBytes(entry.content);
      return { name: entry.name, isFolder: false, bytes, storedBytes: bytes };
    },
  );
  checkEntrySet(declared, where);
}

/**
 * Writes an archive beside its target and puts it in place in one step, after all bytes are on the disk. A failure leaves
 * nothing; what a killed run has left is swept by the next. Throws FILE_EXISTS, DISK_FULL, NOT_WRITABLE, CANCELLED, MAR_*.
 */
export async function packArchive(options: PackOptions): Promise<PackedArchive> {
  const { target, format, force } = options;
  const name = path.basename(target);
  checkPackEntries(options.entries, name);
  const temporary = temporaryBeside(target);
  const totalBytes = options.entries.reduce((sum, entry) => sum + contentBytes(entry.content), 0);
  let doneBytes = 0;
  const onBytes = (count: number): void => {
    options.signal?.throwIfAborted();
    doneBytes += count;
    options.onProgress?.({ doneBytes, totalBytes });
  };
  try {
    await sweepLeftovers(path.dirname(target));
    if (format === 'no-archive') {
      await mkdir(temporary);
      const entries = await writeEntries(createFolderWriter(temporary, onBytes), options);
      await commitFolder(temporary, target, force);
      return { path: target, entries };
    }
    const file = await open(temporary, 'wx', 0o644);
    let entries: WrittenEntry[];
    try {
      const flush = createEarlyFlush(file);
      const onWritten = (count: number): void => {
        onBytes(count);
        flush.written(count);
      };
      const writer =
        format === 'tgz' ? createTgzWriter(file, options.modelName, onWritten) : createZipWriter(file, name, onWritten);
      entries = await writeEntries(writer, options);
      await flush.finish();
    } finally {
      await file.close();
    }
    await commitFile(temporary, target, force);
    return { path: target, entries };
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    if (options.signal?.aborted === true)
      throw new EisenError('CANCELLED', `${name}: packaging was cancelled.`, { where: name, cause: error });
    throw asWriteError(error, target);
  }
}
