import { read } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EisenError } from '../errors/error.js';
import { asReadError } from '../files/file-error.js';

const readAt = promisify(read);
const BUFFER_BYTES = 1024 * 1024;
const BUFFERS = 4;

/** A part of a file on disk. */
export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

/** What an entry will hold, in pieces: weights stay on disk until they are copied. */
export type PackContent = readonly (Uint8Array | FileRange)[];

export interface PackEntry {
  readonly name: string;
  readonly content: PackContent;
}

const isBytes = (piece: Uint8Array | FileRange): piece is Uint8Array => ArrayBuffer.isView(piece);

export function contentBytes(content: PackContent): number {
  return content.reduce((sum, piece) => sum + (isBytes(piece) ? piece.length : piece.bytes), 0);
}

interface Chunk {
  readonly start: number;
  readonly count: number;
  readonly file: FileHandle | null;
  readonly bytes: Uint8Array | null;
  readonly path: string;
}

async function* listChunks(content: PackContent, files: Map<string, FileHandle>): AsyncGenerator<Chunk> {
  for (const piece of content) {
    const [length, first] = isBytes(piece) ? [piece.length, 0] : [piece.bytes, piece.offset];
    let file: FileHandle | null = null;
    if (!isBytes(piece)) {
      file = files.get(piece.path) ?? null;
      if (file === null) {
        file = await open(piece.path, 'r').catch((error: unknown) => {
          throw asReadError(error, piece.path);
        });
        files.set(piece.path, file);
      }
    }
    for (let at = 0; at < length; at += BUFFER_BYTES) {
      const count = Math.min(BUFFER_BYTES, length - at);
      const bytes = isBytes(piece) ? piece.subarray(at, at + count) : null;
      yield { start: first + at, count, file, bytes, path: isBytes(piece) ? '' : piece.path };
    }
  }
}

async function fillChunk(chunk: Chunk, buffer: Buffer): Promise<Buffer> {
  if (chunk.bytes !== null) return buffer.fill(chunk.bytes, 0, chunk.count).subarray(0, chunk.count);
  let filled = 0;
  while (filled < chunk.count) {
    const { bytesRead } = await readAt(chunk.file!.fd, buffer, filled, chunk.count - filled, chunk.start + filled);
    if (bytesRead === 0) {
      throw new EisenError('FILE_NOT_FOUND', `${chunk.path}: the file became shorter while it was read.`, {
        where: chunk.path,
      });
    }
    filled += bytesRead;
  }
  return buffer.subarray(0, chunk.count);
}

/**
 * Gives the content to `use` in order, piece by piece. Reading the next pieces, `use` of this one and the promises that
 * earlier calls of `use` returned (writes) run at the same time over four buffers that are used again and again: fresh
 * memory would cost more than the copy. A buffer is taken back only when the promise of its last use has settled.
 */
export async function streamContent(content: PackContent, use: (piece: Buffer) => Promise<void>): Promise<void> {
  const files = new Map<string, FileHandle>();
  // Shared memory, so that a thread which hashes needs no copy.
  const bufferBytes = Math.max(1, Math.min(BUFFER_BYTES, contentBytes(content)));
  const buffers = Array.from({ length: BUFFERS }, () => Buffer.from(new SharedArrayBuffer(bufferBytes)));
  const busy: Promise<void>[] = buffers.map(() => Promise.resolve());
  const chunks = listChunks(content, files);
  let turn = 0;
  const startRead = async (): Promise<{ slot: number; piece: Buffer } | null> => {
    const next = await chunks.next();
    if (next.done === true) return null;
    const slot = turn % BUFFERS;
    turn += 1;
    await busy[slot];
    return { slot, piece: await fillChunk(next.value, buffers[slot]!) };
  };
  let reading = startRead();
  try {
    for (let current = await reading; current !== null; current = await reading) {
      reading = startRead();
      reading.catch(() => undefined);
      const written = use(current.piece);
      written.catch(() => undefined);
      busy[current.slot] = written;
    }
    await Promise.all(busy);
  } finally {
    await Promise.allSettled([...busy, reading]);
    for (const file of files.values()) await file.close();
  }
}
