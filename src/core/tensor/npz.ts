import { inflateRawSync } from 'node:zlib';
import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import type { NdArray } from './ndarray.js';
import { decodeNpy } from './npy.js';

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

function fail(where: string, what: string): never {
  throw new EisenError('NPY_INVALID', `${where}: ${what}.`, { where });
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

/** The last end-of-directory record; numpy writes no comment, up to 64 KiB are looked through as zip allows them. */
function findEnd(file: Buffer, where: string): number {
  for (let at = file.length - 22; at >= Math.max(0, file.length - 22 - 0xffff); at -= 1) {
    if (file.readUInt32LE(at) === END) return at;
  }
  return fail(where, 'the file is no zip: its end record is missing');
}

function readEntry(file: Buffer, at: number, where: string): { entry: Entry; next: number } {
  if (at + 46 > file.length || file.readUInt32LE(at) !== CENTRAL) fail(where, 'the zip directory is damaged');
  const nameBytes = file.readUInt16LE(at + 28);
  const next = at + 46 + nameBytes + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  if (next > file.length) fail(where, 'the zip directory is damaged');
  const entry = {
    name: file.toString('utf8', at + 46, at + 46 + nameBytes),
    method: file.readUInt16LE(at + 10),
    packedBytes: file.readUInt32LE(at + 20),
    bytes: file.readUInt32LE(at + 24),
    offset: file.readUInt32LE(at + 42),
  };
  return { entry, next };
}

function readContent(file: Buffer, entry: Entry, where: string): Uint8Array {
  const { offset } = entry;
  if (offset + 30 > file.length || file.readUInt32LE(offset) !== LOCAL) fail(where, 'an entry has no local header');
  const start = offset + 30 + file.readUInt16LE(offset + 26) + file.readUInt16LE(offset + 28);
  if (start + entry.packedBytes > file.length) fail(where, 'an entry reaches past the end of the file');
  const packed = file.subarray(start, start + entry.packedBytes);
  if (entry.method === 0) return packed;
  if (entry.method !== 8) fail(where, `compression method ${entry.method}; expected stored or deflated`);
  if (entry.bytes > LIMITS.tensorBytes || entry.bytes > entry.packedBytes * 1100) {
    fail(where, `an entry claims ${entry.bytes} bytes out of ${entry.packedBytes}`);
  }
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.bytes) });
  } catch (cause) {
    throw new EisenError('NPY_INVALID', `${where}: the compressed bytes are damaged.`, { where, cause });
  }
}

/** Reads the arrays of an .npz file by name, without their `.npy` ending. Throws NPY_INVALID; zip64 files are refused. */
export function decodeNpz(bytes: Uint8Array, where = 'npz'): Map<string, NdArray> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < 22) fail(where, 'the file is too short for a zip');
  const end = findEnd(file, where);
  const count = file.readUInt16LE(end + 10);
  if (count > LIMITS.archiveEntries) fail(where, `${count} entries; expected at most ${LIMITS.archiveEntries}`);
  const arrays = new Map<string, NdArray>();
  let at = file.readUInt32LE(end + 16);
  for (let n = 0; n < count; n += 1) {
    const { entry, next } = readEntry(file, at, where);
    at = next;
    const name = entry.name.replace(/\.npy$/, '');
    if (arrays.has(name)) fail(where, `the entry '${name}' stands twice`);
    arrays.set(name, decodeNpy(readContent(file, entry, `${where}: ${name}`), `${where}: ${name}`));
  }
  return arrays;
}
