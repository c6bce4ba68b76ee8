import { read } from 'node:fs';
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { crc32, createInflateRaw, type Zlib } from 'node:zlib';
import { isEisenError } from '../errors/error.js';
import { refuse, showText } from './refuse.js';
import type { ZipLayoutEntry } from './zip-layout.js';

const readAt = promisify(read);
const PIECE_BYTES = 1024 * 1024;

/** The raw bytes [offset, offset + length) of an open file in pieces; throws MAR_DATA when the file ends before. */
export async function* readPieces(fd: number, offset: number, length: number, where: string): AsyncGenerator<Buffer> {
  let done = 0;
  while (done < length) {
    const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, length - done));
    const { bytesRead } = await readAt(fd, piece, 0, piece.length, offset + done);
    if (bytesRead === 0)
      throw refuse('MAR_DATA', where, `the file ends ${length - done} bytes before the content does.`);
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
  yield* throughZlib(raw, inflate, (cause) =>
    refuse('MAR_DATA', where, 'its compressed bytes are damaged.', { cause }),
  );
  if (inflate.bytesWritten !== entry.storedBytes) {
    throw refuse(
      'MAR_DATA',
      where,
      `${entry.storedBytes - inflate.bytesWritten} bytes hide behind its compressed content.`,
    );
  }
}

/**
 * The content of a zip entry in pieces. It never gives more bytes than the directory claims, and gives the last piece
 * only after length and CRC-32 have been found right: throws MAR_DATA, MAR_SIZE or MAR_CRC otherwise.
 */
export async function* readZipContent(fd: number, entry: ZipLayoutEntry, archive: string): AsyncGenerator<Uint8Array> {
  const where = `${archive}: entry '${showText(entry.name)}'`;
  const raw = readPieces(fd, entry.dataOffset, entry.storedBytes, where);
  const pieces = entry.method === 'stored' ? raw : inflatePieces(raw, entry, where);
  let [crc, bytes] = [0, 0];
  let held: Buffer | null = null;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > entry.bytes) throw refuse('MAR_SIZE', where, `it claims ${entry.bytes} bytes and holds more.`);
    crc = crc32(piece, crc);
    if (held !== null) yield held;
    held = piece;
  }
  if (bytes !== entry.bytes) throw refuse('MAR_SIZE', where, `it claims ${entry.bytes} bytes and holds ${bytes}.`);
  if (crc !== entry.crc32) {
    throw refuse(
      'MAR_CRC',
      where,
      `its CRC-32 is ${crc.toString(16)}; the directory says ${entry.crc32.toString(16)}.`,
    );
  }
  if (held !== null) yield held;
}
