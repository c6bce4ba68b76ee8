import { inflateRawSync } from 'node:zlib';
import { EisenError } from '../errors/error.js';
import type { ErrorCode } from '../errors/table.js';
import { LIMITS } from '../limits.js';

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

/** How a zip is read: for messages, and the code that they carry. */
export interface ZipReading {
  readonly where: string;
  readonly code: ErrorCode;
}

export interface ZipContent {
  readonly name: string;
  /** Inflates the entry. */
  read(): Uint8Array;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

function fail({ where, code }: ZipReading, what: string): never {
  throw new EisenError(code, `${where}: ${what}.`, { where });
}

/** True when the bytes begin with the first entry of a zip. */
export function looksLikeZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
}

/** The last end-of-directory record, at most 64 KiB of comment before the end as zip allows. */
function findEnd(file: Buffer, reading: ZipReading): number {
  for (let at = file.length - 22; at >= Math.max(0, file.length - 22 - 0xffff); at -= 1) {
    if (file.readUInt32LE(at) === END) return at;
  }
  return fail(reading, 'the file is no zip: its end record is missing');
}

function readEntry(file: Buffer, at: number, reading: ZipReading): { entry: Entry; next: number } {
  if (at + 46 > file.length || file.readUInt32LE(at) !== CENTRAL) fail(reading, 'the zip directory is damaged');
  const nameBytes = file.readUInt16LE(at + 28);
  const next = at + 46 + nameBytes + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  if (next > file.length) fail(reading, 'the zip directory is damaged');
  const entry = {
    name: file.toString('utf8', at + 46, at + 46 + nameBytes),
    method: file.readUInt16LE(at + 10),
    packedBytes: file.readUInt32LE(at + 20),
    bytes: file.readUInt32LE(at + 24),
    offset: file.readUInt32LE(at + 42),
  };
  return { entry, next };
}

function readContent(file: Buffer, entry: Entry, reading: ZipReading): Uint8Array {
  const { offset } = entry;
  if (offset + 30 > file.length || file.readUInt32LE(offset) !== LOCAL) fail(reading, 'an entry has no local header');
  const start = offset + 30 + file.readUInt16LE(offset + 26) + file.readUInt16LE(offset + 28);
  if (start + entry.packedBytes > file.length) fail(reading, 'an entry reaches past the end of the file');
  const packed = file.subarray(start, start + entry.packedBytes);
  if (entry.method === 0) return packed;
  if (entry.method !== 8) fail(reading, `compression method ${entry.method}; expected stored or deflated`);
  if (entry.bytes > LIMITS.tensorBytes || entry.bytes > entry.packedBytes * 1100) {
    fail(reading, `an entry claims ${entry.bytes} bytes out of ${entry.packedBytes}`);
  }
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.bytes) });
  } catch (cause) {
    const { where, code } = reading;
    throw new EisenError(code, `${where}: the compressed bytes are damaged.`, { where, cause });
  }
}

/**
 * The files of a small zip in memory, in directory order; folders are left out. For data files (npz, a DICOM series):
 * stored or deflated entries only, zip64 refused. Throws the code it is given.
 */
export function readZipContents(
  bytes: Uint8Array,
  reading: ZipReading,
  limitEntries: number = LIMITS.archiveEntries,
): ZipContent[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < 22) fail(reading, 'the file is too short for a zip');
  const end = findEnd(file, reading);
  const count = file.readUInt16LE(end + 10);
  if (count > limitEntries) fail(reading, `${count} entries; expected at most ${limitEntries}`);
  const contents: ZipContent[] = [];
  let at = file.readUInt32LE(end + 16);
  for (let n = 0; n < count; n += 1) {
    const { entry, next } = readEntry(file, at, reading);
    at = next;
    const inner = { ...reading, where: `${reading.where}: ${entry.name}` };
    if (!entry.name.endsWith('/')) contents.push({ name: entry.name, read: () => readContent(file, entry, inner) });
  }
  return contents;
}
