import { Readable } from 'node:stream';
import yauzl from 'yauzl';
import type { ByteSource } from '../files/byte-source.js';
import { checkEntryMode } from './entry-mode.js';
import { decodeEntryName } from './entry-name.js';
import { checkEntrySet } from './entry-set.js';
import { refuse, showText } from './refuse.js';
import type { ZipEndRecord } from './zip-end-record.js';
import { checkUnicodePath, parseExtraField } from './zip-extra-field.js';

/** One entry as the central directory describes it, after the policy. */
export interface ZipDirectoryEntry {
  /** Without the closing slash of a folder. */
  readonly name: string;
  readonly rawName: Buffer;
  readonly isFolder: boolean;
  readonly method: 'stored' | 'deflated';
  readonly flags: number;
  readonly crc32: number;
  readonly bytes: number;
  readonly storedBytes: number;
  readonly headerOffset: number;
}

const DOS = 0;
const HPFS = 6;

export const FLAG = { deflateLevel: 0b110, descriptor: 1 << 3, utf8: 1 << 11 } as const;

/** Serves yauzl from the directory that is in memory already: no read per record. */
class DirectoryReader extends yauzl.RandomAccessReader {
  constructor(
    private readonly source: ByteSource,
    private readonly directory: Buffer,
    private readonly directoryOffset: number,
  ) {
    super();
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    const start = position - this.directoryOffset;
    const inside = start >= 0 && start + length <= this.directory.length;
    const bytes = inside ? this.directory.subarray(start, start + length) : this.source.read(position, length);
    buffer.set(bytes, offset);
    const short = bytes.length < length ? new Error('unexpected EOF') : null;
    queueMicrotask(() => callback(short, bytes.length));
  }

  override _readStreamForRange(): Readable {
    return Readable.from([]);
  }
}

function walkDirectory(reader: DirectoryReader, length: number): Promise<yauzl.Entry[]> {
  return new Promise((resolve, reject) => {
    const options = { lazyEntries: true, decodeStrings: false, validateEntrySizes: false, autoClose: false };
    yauzl.fromRandomAccessReader(reader, length, options, (error, zip) => {
      if (error !== null) return reject(error);
      const entries: yauzl.Entry[] = [];
      zip.on('error', reject);
      zip.on('end', () => resolve(entries));
      zip.on('entry', (entry: yauzl.Entry) => {
        entries.push(entry);
        zip.readEntry();
      });
      zip.readEntry();
    });
  });
}

/** 4.5 is the version with 64-bit sizes. Java does not look; Python and Info-ZIP refuse what is newer than they are. */
export function checkNeededVersion(version: number, where: string): void {
  if (version > 45)
    throw refuse(
      'MAR_VERSION',
      where,
      `it needs version ${version / 10} of the zip format; 4.5 is the latest accepted.`,
    );
}

function checkFlags(flags: number, method: number, where: string): void {
  if ((flags & (1 | (1 << 6) | (1 << 13))) !== 0 || method === 99)
    throw refuse('MAR_ENCRYPTED', where, 'the entry is encrypted.');
  const unknown = flags & ~(FLAG.deflateLevel | FLAG.descriptor | FLAG.utf8);
  if (unknown !== 0)
    throw refuse('MAR_FLAGS', where, `flag bits 0x${unknown.toString(16)} are set.`, {
      expected: 'bits 1, 2, 3 and 11 only',
    });
  if (method !== 0 && method !== 8) {
    throw refuse(
      'MAR_METHOD',
      where,
      `it is compressed by method ${method}; 0 (stored) and 8 (deflated) are accepted.`,
    );
  }
  if (method === 0 && (flags & FLAG.descriptor) !== 0) {
    throw refuse(
      'MAR_STORED_DESCRIPTOR',
      where,
      'it is stored and its size follows after it: a stream reader cannot find its end.',
    );
  }
}

function parseEntry(entry: yauzl.Entry, where: string): ZipDirectoryEntry {
  const flags = entry.generalPurposeBitFlag;
  const fullName = decodeEntryName(entry.fileNameRaw, (flags & FLAG.utf8) !== 0, where);
  const at = `${where}: entry '${showText(fullName)}'`;
  // Info-ZIP reads names of these systems in an old code page, whatever the UTF-8 flag says: two readers, two names.
  const system = entry.versionMadeBy >> 8;
  if ((system === DOS || system === HPFS) && entry.fileNameRaw.some((byte) => byte > 127)) {
    throw refuse('MAR_NAME_ENCODING', at, 'the name goes beyond ASCII and is marked as made on DOS.');
  }
  const isFolder = fullName.endsWith('/');
  const method = entry.compressionMethod;
  checkFlags(flags, method, at);
  checkNeededVersion(entry.versionNeededToExtract, at);
  checkUnicodePath(parseExtraField(entry.extraFieldRaw, at), entry.fileNameRaw, at);
  checkEntryMode(entry.externalFileAttributes >>> 16, isFolder, at);
  const [bytes, storedBytes] = [entry.uncompressedSize, entry.compressedSize];
  if (method === 0 && bytes !== storedBytes) {
    throw refuse('MAR_SIZE', at, `it is stored, yet claims ${bytes} bytes of content in ${storedBytes} bytes.`);
  }
  // Some writers deflate the nothing of a folder to two bytes.
  if (isFolder && (bytes !== 0 || storedBytes > 2)) throw refuse('MAR_FOLDER_DATA', at, 'the folder carries data.');
  return {
    name: isFolder ? fullName.slice(0, -1) : fullName,
    rawName: entry.fileNameRaw,
    isFolder,
    method: method === 0 ? 'stored' : 'deflated',
    flags,
    crc32: entry.crc32,
    bytes,
    storedBytes,
    headerOffset: entry.relativeOffsetOfLocalHeader,
  };
}

/** Reads the central directory and checks every name, flag, size and mode in it. */
export async function readZipDirectory(
  source: ByteSource,
  end: ZipEndRecord,
  where: string,
): Promise<ZipDirectoryEntry[]> {
  const directory = Buffer.from(source.read(end.directoryOffset, end.directoryBytes));
  let raw: yauzl.Entry[];
  try {
    raw = await walkDirectory(new DirectoryReader(source, directory, end.directoryOffset), source.length);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (reason.includes('strong encryption')) throw refuse('MAR_ENCRYPTED', where, 'an entry is encrypted.', { cause });
    throw refuse('MAR_DIRECTORY', where, `the directory is damaged (${showText(reason)}).`, { cause });
  }
  let cursor = 0;
  for (const entry of raw) {
    if (directory.readUInt16LE(cursor + 34) !== 0) throw refuse('MAR_DISKS', where, 'an entry lies on another disk.');
    cursor += 46 + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
  }
  if (cursor !== directory.length) {
    throw refuse(
      'MAR_ENTRY_COUNT',
      where,
      `the end record gives ${end.entries} entries, but the directory does not end after them.`,
    );
  }
  const entries = raw.map((entry) => parseEntry(entry, where));
  checkEntrySet(entries, where);
  return entries;
}
