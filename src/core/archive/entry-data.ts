import { read, readSync } from 'node:fs';
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { crc32, createInflateRaw, inflateRawSync, type Zlib } from 'node:zlib';
import { isEisenError } from '../errors/error.js';
import { refuse, showText } from './refuse.js';
import type { ZipLayoutEntry } from './zip-layout.js';

const readAt = promisify(read);
const PIECE_BYTES = 1024 * 1024;
/** Up to here content is read in one step: the machinery of streams would take longer than the work. */
const SMALL_BYTES = 256 * 1024;

const refuseEnd = (missing: number, where: string): Error =>
  refuse('MAR_DATA', where, `the file ends ${missing} bytes before the content does.`);

/** The raw bytes [offset, offset + length) of an open file in pieces; throws MAR_DATA when the file ends before. */
export async function* readPieces(fd: number, offset: number, length: number, where: string): AsyncGenerator<Buffer> {
  let done = 0;
  while (done < length) {
    const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, length - done));
    const { bytesRead } = await readAt(fd, piece, 0, piece.length, offset + done);
    if (bytesRead === 0) throw refuseEnd(length - done, where);
    yield bytesRead === piece.length ? piece : piece.subarray(0, bytesRead);
    done += bytesRead;
  }
}

/**
 * Pieces through a zlib stream, which is destroyed when the consumer stops early. `refusal` makes the error for damaged
 * bytes; an error of ours from the reader of `raw` passes as it is.
 */
export async function* throughZlib(
  raw: AsyncGenerator<Buffer>,
  stream: Zlib & Transform,
  refusal: (cause: unknown) => Error,
): AsyncGenerator<Buffer> {
  const fed = pipeline(Readable.from(raw, { objectMode: false }), stream).catch(() => undefined);
  try {
    for await (const piece of stream) yield piece as Buffer;
  } catch (cause) {
    throw isEisenError(cause) ? cause : refusal(cause);
  } finally {
    stream.destroy();
    await fed;
  }
}

async function* inflatePieces(
  raw: AsyncGenerator<Buffer>,
  entry: ZipLayoutEntry,
  where: string,
): AsyncGenerator<Buffer> {
  const inflate = createInflateRaw({ chunkSize: 256 * 1024 });
  yield* throughZlib(raw, inflate, (cause) => refuseDamage(where, cause));
  checkConsumed(inflate.bytesWritten, entry, where);
}

const whereIn = (archive: string, entry: ZipLayoutEntry): string => `${archive}: entry '${showText(entry.name)}'`;

const refuseDamage = (where: string, cause: unknown): Error =>
  refuse('MAR_DATA', where, 'its compressed bytes are damaged.', { cause });

const refuseMore = (entry: ZipLayoutEntry, where: string): Error =>
  refuse('MAR_SIZE', where, `it claims ${entry.bytes} bytes and holds more.`);

function checkConsumed(consumed: number, entry: ZipLayoutEntry, where: string): void {
  if (consumed === entry.storedBytes) return;
  throw refuse('MAR_DATA', where, `${entry.storedBytes - consumed} bytes hide behind its compressed content.`);
}

function checkWhole(bytes: number, crc: number, entry: ZipLayoutEntry, where: string): void {
  if (bytes !== entry.bytes) throw refuse('MAR_SIZE', where, `it claims ${entry.bytes} bytes and holds ${bytes}.`);
  if (crc === entry.crc32) return;
  throw refuse('MAR_CRC', where, `its CRC-32 is ${crc.toString(16)}; the directory says ${entry.crc32.toString(16)}.`);
}

/**
 * The content of a zip entry in pieces. It never gives more bytes than the directory claims, and gives the last piece
 * only after length and CRC-32 have been found right: throws MAR_DATA, MAR_SIZE or MAR_CRC otherwise.
 */
export async function* readZipContent(fd: number, entry: ZipLayoutEntry, archive: string): AsyncGenerator<Uint8Array> {
  const where = whereIn(archive, entry);
  const raw = readPieces(fd, entry.dataOffset, entry.storedBytes, where);
  const pieces = entry.method === 'stored' ? raw : inflatePieces(raw, entry, where);
  let [crc, bytes] = [0, 0];
  let held: Buffer | null = null;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > entry.bytes) throw refuseMore(entry, where);
    crc = crc32(piece, crc);
    if (held !== null) yield held;
    held = piece;
  }
  checkWhole(bytes, crc, entry, where);
  if (held !== null) yield held;
}

function inflateSmall(raw: Buffer, entry: ZipLayoutEntry, where: string): Buffer {
  const maxOutputLength = Math.max(1, entry.bytes);
  try {
    // With `info` the call gives its engine, too, which counts the bytes that it took; the types do not know.
    const options = { maxOutputLength, chunkSize: Math.max(64, entry.bytes), info: true };
    const { buffer, engine } = inflateRawSync(raw, options) as unknown as { buffer: Buffer; engine: Zlib };
    checkConsumed(engine.bytesWritten, entry, where);
    return buffer;
  } catch (cause) {
    if (isEisenError(cause)) throw cause;
    const isLonger = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    throw isLonger ? refuseMore(entry, where) : refuseDamage(where, cause);
  }
}

/** The content of a small zip entry, read in one step; null for one that is not small. The same checks and errors. */
export function readSmallZipContent(fd: number, entry: ZipLayoutEntry, archive: string): Uint8Array | null {
  if (entry.bytes > SMALL_BYTES || entry.storedBytes > SMALL_BYTES) return null;
  const where = whereIn(archive, entry);
  const raw = Buffer.allocUnsafeSlow(entry.storedBytes);
  for (let filled = 0; filled < raw.length; ) {
    const got = readSync(fd, raw, filled, raw.length - filled, entry.dataOffset + filled);
    if (got === 0) throw refuseEnd(raw.length - filled, where);
    filled += got;
  }
  const content = entry.method === 'stored' ? raw : inflateSmall(raw, entry, where);
  checkWhole(content.length, crc32(content), entry, where);
  return content;
}
