import { write } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, createDeflateRaw } from 'node:zlib';
import { LIMITS } from '../limits.js';
import type { ArchiveWriter } from './archive-writer.js';
import { type ContentHash, createContentHash } from './content-hash.js';
import { contentBytes, type PackContent, streamContent } from './pack-content.js';
import { refuse } from './refuse.js';
import { encodeDirectory, encodeLocalHeader, paddingFor, type ZipRecord } from './zip-records.js';

const writeAt = promisify(write);
/** Stored content begins at a multiple of the page size, so that it can be mapped. */
const ALIGN = 4096;

export async function writeFully(fd: number, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await writeAt(fd, bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

/**
 * Writes a zip that every reader reads alike: sizes and CRC-32 stand before the data (Java's stream refuses stored
 * entries that tell them afterwards), times, modes and order are fixed, nothing depends on the machine. yazl, which the
 * rest of the field uses, can give stored files neither sizes in front nor an alignment.
 */
export function createZipWriter(
  file: FileHandle,
  where: string,
  onBytes: (count: number) => void = () => undefined,
): ArchiveWriter {
  const records: ZipRecord[] = [];
  let cursor = 0;

  const append = (bytes: Uint8Array): Promise<void> => {
    const position = cursor;
    cursor += bytes.length;
    if (cursor > LIMITS.archiveFileBytes) {
      return Promise.reject(
        refuse('MAR_FILE_TOO_LARGE', where, `the archive would be larger than ${LIMITS.archiveFileBytes} bytes.`),
      );
    }
    return writeFully(file.fd, bytes, position);
  };

  const copyDeflated = async (content: PackContent, see: (piece: Buffer) => Promise<void>): Promise<void> => {
    const deflate = createDeflateRaw({ level: 6 });
    const written = (async () => {
      for await (const piece of deflate) await append(piece as Buffer);
    })();
    written.catch(() => deflate.destroy());
    const push = (piece: Buffer): Promise<void> =>
      new Promise((resolve, reject) => deflate.write(piece, (error) => (error ? reject(error) : resolve())));
    try {
      await streamContent(content, async (piece) => {
        await Promise.all([see(piece), push(piece)]);
      });
      deflate.end();
    } catch (error) {
      deflate.destroy();
      // A failed write ends the compressor; its own reason says more than that.
      await written.catch((reason: unknown) => Promise.reject(deflate.errored === null ? error : reason));
      throw error;
    }
    await written;
  };

  const write = async (content: PackContent, method: 'stored' | 'deflated', hash: ContentHash): Promise<number> => {
    let crc = 0;
    const see = async (piece: Buffer): Promise<void> => {
      // It throws when the work is cancelled: a hash begun before would fail later, with nobody there to hear of it.
      onBytes(piece.length);
      crc = crc32(piece, crc);
      await hash.update(piece);
    };
    if (method === 'deflated') await copyDeflated(content, see);
    else {
      await streamContent(content, async (piece) => {
        await Promise.all([append(piece), see(piece)]);
      });
    }
    return crc;
  };

  return {
    async add(name, content, method) {
      const rawName = Buffer.from(name, 'utf8');
      const bytes = contentBytes(content);
      const headerOffset = cursor;
      const padding = method === 'stored' && bytes > 0 ? paddingFor(headerOffset, rawName.length, ALIGN) : 0;
      const headerBytes = 30 + rawName.length + padding;
      cursor += headerBytes;
      const hash = createContentHash(bytes);
      try {
        const crc = await write(content, method, hash);
        const storedBytes = cursor - headerOffset - headerBytes;
        const record: ZipRecord = {
          ...{ rawName, method: method === 'stored' ? 0 : 8, crc32: crc, storedBytes, bytes, headerOffset },
        };
        await writeFully(file.fd, encodeLocalHeader(record, padding), headerOffset);
        records.push(record);
        return { name, bytes, storedBytes, sha256: await hash.digest() };
      } finally {
        await hash.close();
      }
    },
    async finish() {
      await append(encodeDirectory(records, cursor));
    },
  };
}
