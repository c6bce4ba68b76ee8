import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { createGzip } from 'node:zlib';
import type { ArchiveWriter } from './archive-writer.js';
import { contentBytes, type PackContent, streamContent } from './pack-content.js';
import { TAR_BLOCK } from './tar-header.js';
import { writeFully } from './zip-writer.js';

const END_BYTES = 2 * TAR_BLOCK;

function encodeTarHeader(name: Buffer, bytes: number, type: string): Buffer {
  const header = Buffer.alloc(TAR_BLOCK);
  name.copy(header, 0, 0, 100);
  header.write('0000644\0', 100, 'latin1');
  header.write('0000000\0', 108, 'latin1');
  header.write('0000000\0', 116, 'latin1');
  header.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  header.write('00000000000\0', 136, 'latin1');
  header.write('        ', 148, 'latin1');
  header.write(type, 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

const padding = (bytes: number): Buffer => Buffer.alloc((TAR_BLOCK - (bytes % TAR_BLOCK)) % TAR_BLOCK);

/** The headers of a file: a name that is long or not ASCII stands in a pax header before it. */
function encodeMember(name: string, bytes: number): Buffer {
  const raw = Buffer.from(name, 'utf8');
  const header = encodeTarHeader(raw, bytes, '0');
  if (raw.length <= 100 && raw.every((byte) => byte < 128)) return header;
  const body = Buffer.from(` path=${name}\n`, 'utf8');
  let length = body.length + 1;
  while (String(length).length + body.length !== length) length = String(length).length + body.length;
  const pax = Buffer.concat([Buffer.from(String(length)), body]);
  return Buffer.concat([encodeTarHeader(Buffer.from('PaxHeader'), pax.length, 'x'), pax, padding(pax.length), header]);
}

/** Writes a gzipped tar with everything under `<folder>/`, without owner, time or mode of the machine. */
export function createTgzWriter(
  file: FileHandle,
  folder: string,
  onBytes: (count: number) => void = () => undefined,
): ArchiveWriter {
  const gzip = createGzip({ level: 6 });
  let position = 0;
  const written = (async () => {
    for await (const piece of gzip as AsyncIterable<Buffer>) {
      // Byte 9 names the operating system; 255 is 'unknown' and the same everywhere.
      if (position === 0) piece[9] = 255;
      const at = position;
      position += piece.length;
      await writeFully(file.fd, piece, at);
    }
  })();
  written.catch(() => gzip.destroy());
  const push = async (bytes: Buffer): Promise<void> => {
    const pushed = new Promise<void>((resolve, reject) =>
      gzip.write(bytes, (error) => (error ? reject(error) : resolve())),
    );
    await pushed.catch(async (error: unknown) => {
      await written;
      throw error;
    });
  };
  return {
    async add(name, content: PackContent) {
      const bytes = contentBytes(content);
      const hash = createHash('sha256');
      await push(encodeMember(`${folder}/${name}`, bytes));
      await streamContent(content, (piece) => {
        hash.update(piece);
        onBytes(piece.length);
        return push(piece);
      });
      await push(padding(bytes));
      return { name, bytes, storedBytes: bytes, sha256: hash.digest('hex') };
    },
    async finish() {
      await push(Buffer.alloc(END_BYTES));
      gzip.end();
      await written;
    },
  };
}
