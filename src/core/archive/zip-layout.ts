import type { ByteSource } from '../files/byte-source.js';
import { refuse, showText } from './refuse.js';
import { checkNeededVersion, FLAG, type ZipDirectoryEntry } from './zip-directory.js';
import { checkUnicodePath, parseExtraField, readZip64Sizes } from './zip-extra-field.js';

const HEADER_BYTES = 30;
const HEADER = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const NARROW_MAX = 0xffffffff;

/** A directory entry and where its data begins. */
export interface ZipLayoutEntry extends ZipDirectoryEntry {
  readonly dataOffset: number;
}

interface LocalSizes {
  readonly bytes: number;
  readonly storedBytes: number;
}

function checkLocalFields(header: Buffer, entry: ZipDirectoryEntry, sizes: LocalSizes, where: string): void {
  const mismatch = (field: string, local: number, central: number): Error =>
    refuse('MAR_LOCAL_MISMATCH', where, `its ${field} is ${local} before the data and ${central} in the directory.`);
  const [flags, method, crc] = [header.readUInt16LE(6), header.readUInt16LE(8), header.readUInt32LE(14)];
  if (flags !== entry.flags) throw mismatch('flag word', flags, entry.flags);
  if (method !== (entry.method === 'stored' ? 0 : 8))
    throw mismatch('method', method, entry.method === 'stored' ? 0 : 8);
  // Streamed entries do not know these yet: zero, or already right.
  const streamed = (entry.flags & FLAG.descriptor) !== 0;
  for (const [field, local, central] of [
    ['CRC-32', crc, entry.crc32],
    ['size', sizes.bytes, entry.bytes],
    ['stored size', sizes.storedBytes, entry.storedBytes],
  ] as const) {
    if (local !== central && !(streamed && local === 0)) throw mismatch(field, local, central);
  }
}

function readLocalHeader(source: ByteSource, entry: ZipDirectoryEntry, where: string): number {
  const header = Buffer.from(source.read(entry.headerOffset, HEADER_BYTES));
  if (header.length < HEADER_BYTES || header.readUInt32LE(0) !== HEADER) {
    throw refuse('MAR_LOCAL_HEADER', where, `there is no entry header at byte ${entry.headerOffset}.`);
  }
  checkNeededVersion(header.readUInt16LE(4), where);
  const [nameBytes, extraBytes] = [header.readUInt16LE(26), header.readUInt16LE(28)];
  const rest = Buffer.from(source.read(entry.headerOffset + HEADER_BYTES, nameBytes + extraBytes));
  const name = rest.subarray(0, nameBytes);
  if (!name.equals(entry.rawName)) {
    throw refuse('MAR_LOCAL_NAME', where, `before its data it is called '${showText(name.toString('utf8'))}'.`);
  }
  const blocks = parseExtraField(rest.subarray(nameBytes), where);
  checkUnicodePath(blocks, name, where);
  const narrow = { storedBytes: header.readUInt32LE(18), bytes: header.readUInt32LE(22) };
  const wide = readZip64Sizes(blocks, where);
  if (wide === null && (narrow.bytes === NARROW_MAX || narrow.storedBytes === NARROW_MAX)) {
    throw refuse('MAR_ZIP64', where, 'its local header promises 64-bit sizes and carries none.');
  }
  checkLocalFields(
    header,
    entry,
    {
      bytes: wide !== null && narrow.bytes === NARROW_MAX ? wide.bytes : narrow.bytes,
      storedBytes: wide !== null && narrow.storedBytes === NARROW_MAX ? wide.storedBytes : narrow.storedBytes,
    },
    where,
  );
  return entry.headerOffset + HEADER_BYTES + nameBytes + extraBytes;
}

/** The sizes after a streamed entry: with or without their mark, 32 or 64 bits wide. They must fill the room exactly. */
function checkDescriptor(bytes: Buffer, entry: ZipDirectoryEntry, where: string): void {
  const marked = bytes.length % 8 === 0;
  const body = marked ? bytes.subarray(4) : bytes;
  const wide = body.length === 20;
  const good =
    (body.length === 12 || wide) &&
    (!marked || bytes.readUInt32LE(0) === DESCRIPTOR) &&
    body.readUInt32LE(0) === entry.crc32 &&
    (wide ? Number(body.readBigUInt64LE(4)) : body.readUInt32LE(4)) === entry.storedBytes &&
    (wide ? Number(body.readBigUInt64LE(12)) : body.readUInt32LE(8)) === entry.bytes;
  if (!good) throw refuse('MAR_DESCRIPTOR', where, 'the sizes that follow its data disagree with the directory.');
}

function refuseHole(source: ByteSource, start: number, end: number, where: string): Error {
  const bytes = Buffer.from(source.read(start, Math.min(end - start, 1024 * 1024)));
  if (bytes.includes('PK\x05\x06')) return refuse('MAR_JOINED', where, `another zip lies hidden at byte ${start}.`);
  if (bytes.includes('PK\x03\x04')) {
    return refuse('MAR_HIDDEN_ENTRY', where, `at byte ${start} lies an entry that the directory does not list.`);
  }
  return start === 0
    ? refuse('MAR_PREFIX_BYTES', where, `${end} bytes stand before the first entry.`)
    : refuse('MAR_GAP', where, `${end - start} bytes at ${start} belong to no entry.`);
}

/**
 * Checks that headers and data of the entries tile the file from its first byte to the directory, without overlap and
 * without a hole, and that each local header says what the directory says. A reader that streams from the front then sees
 * the same archive as one that starts at the end.
 */
export function checkZipLayout(
  source: ByteSource,
  entries: readonly ZipDirectoryEntry[],
  directoryOffset: number,
  where: string,
): ZipLayoutEntry[] {
  const ordered = [...entries].sort((a, b) => a.headerOffset - b.headerOffset);
  const dataOffsets = new Map<ZipDirectoryEntry, number>();
  let cursor = 0;
  for (const [index, entry] of ordered.entries()) {
    const at = `${where}: entry '${showText(entry.name)}'`;
    if (entry.headerOffset >= directoryOffset)
      throw refuse('MAR_LOCAL_HEADER', at, 'its header would lie in the directory.');
    if (entry.headerOffset < cursor) throw refuse('MAR_OVERLAP', at, 'it shares bytes with the entry before it.');
    if (entry.headerOffset > cursor) throw refuseHole(source, cursor, entry.headerOffset, where);
    const dataOffset = readLocalHeader(source, entry, at);
    const dataEnd = dataOffset + entry.storedBytes;
    const next = ordered[index + 1]?.headerOffset ?? directoryOffset;
    if (dataEnd > next) throw refuse('MAR_OVERLAP', at, `its ${entry.storedBytes} bytes reach past the next header.`);
    if ((entry.flags & FLAG.descriptor) !== 0 && next - dataEnd <= 24) {
      checkDescriptor(Buffer.from(source.read(dataEnd, next - dataEnd)), entry, at);
      cursor = next;
    } else cursor = dataEnd;
    dataOffsets.set(entry, dataOffset);
  }
  if (cursor < directoryOffset) throw refuseHole(source, cursor, directoryOffset, where);
  return entries.map((entry) => ({ ...entry, dataOffset: dataOffsets.get(entry)! }));
}
