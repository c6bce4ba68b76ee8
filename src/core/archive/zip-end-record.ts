import type { ByteSource } from '../files/byte-source.js';
import { LIMITS } from '../limits.js';
import { checkEntryCount } from './entry-set.js';
import { refuse } from './refuse.js';

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const ZIP64_END_BYTES = 56;
const END = 0x06054b50;
const LOCATOR = 0x07064b50;
const ZIP64_END = 0x06064b50;

/** Where the directory of a zip lies and how many entries it has. */
export interface ZipEndRecord {
  readonly entries: number;
  readonly directoryOffset: number;
  readonly directoryBytes: number;
}

interface Zip64Fields {
  readonly offset: number;
  readonly entries: number;
  readonly directoryBytes: number;
  readonly directoryOffset: number;
}

function findEndRecord(tail: Buffer, where: string): number {
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== END) continue;
    const comment = tail.readUInt16LE(at + 20);
    const after = tail.length - at - END_BYTES;
    if (after > comment)
      throw refuse('MAR_TRAILING_BYTES', where, `${after - comment} bytes follow the end of the zip.`);
    if (after < comment)
      throw refuse('MAR_END_RECORD', where, `the comment claims ${comment} bytes; ${after} are left.`);
    return at;
  }
  throw refuse('MAR_END_RECORD', where, 'there is no end record; the file is no zip or has been cut off.');
}

function readZip64(
  source: ByteSource,
  tail: Buffer,
  end: { at: number; offset: number },
  where: string,
): Zip64Fields | null {
  const at = end.at - LOCATOR_BYTES;
  if (at < 0 || tail.readUInt32LE(at) !== LOCATOR) return null;
  const offset = Number(tail.readBigUInt64LE(at + 8));
  if (tail.readUInt32LE(at + 4) !== 0 || tail.readUInt32LE(at + 16) > 1) {
    throw refuse('MAR_DISKS', where, 'the zip is one of several disks.');
  }
  if (offset !== end.offset - LOCATOR_BYTES - ZIP64_END_BYTES) {
    throw refuse('MAR_ZIP64', where, `the zip64 locator points to byte ${offset}, not to the record before it.`);
  }
  const record = Buffer.from(source.read(offset, ZIP64_END_BYTES));
  if (
    record.length < ZIP64_END_BYTES ||
    record.readUInt32LE(0) !== ZIP64_END ||
    Number(record.readBigUInt64LE(4)) !== 44
  ) {
    throw refuse('MAR_ZIP64', where, 'the zip64 end record is damaged or of another form.');
  }
  const entries = Number(record.readBigUInt64LE(32));
  if (record.readUInt32LE(16) !== 0 || record.readUInt32LE(20) !== 0) {
    throw refuse('MAR_DISKS', where, 'the zip is one of several disks.');
  }
  if (Number(record.readBigUInt64LE(24)) !== entries) {
    throw refuse('MAR_ENTRY_COUNT', where, 'the zip64 end record gives two numbers of entries.');
  }
  return {
    offset,
    entries,
    directoryBytes: Number(record.readBigUInt64LE(40)),
    directoryOffset: Number(record.readBigUInt64LE(48)),
  };
}

/** A 16- or 32-bit field of the end record beside its 64-bit twin: all ones, or equal. */
function agree(narrow: number, wide: number | undefined, full: number, name: string, where: string): number {
  if (wide === undefined) return narrow;
  if (narrow !== full && narrow !== wide) {
    throw refuse('MAR_ZIP64', where, `the end record gives ${name} ${narrow}, the zip64 record ${wide}.`);
  }
  return wide;
}

/** Every offset counts from `bytes` too far in: something was put in front of the zip. */
function refuseFront(source: ByteSource, bytes: number, where: string): never {
  const lastBytes = Math.min(bytes, END_BYTES + LIMITS.archiveCommentBytes);
  if (Buffer.from(source.read(bytes - lastBytes, lastBytes)).includes('PK\x05\x06')) {
    throw refuse('MAR_JOINED', where, `another zip of ${bytes} bytes stands in front of it.`);
  }
  throw refuse('MAR_PREFIX_BYTES', where, `${bytes} bytes stand before the zip.`);
}

/** Reads the end of a zip. Nothing may follow it, it must be the only one, and the directory must stand right before it. */
export function readZipEndRecord(source: ByteSource, where: string): ZipEndRecord {
  const tailBytes = Math.min(source.length, END_BYTES + 0xffff + LOCATOR_BYTES);
  const tailStart = source.length - tailBytes;
  const tail = Buffer.from(source.read(tailStart, tailBytes));
  const at = findEndRecord(tail, where);
  const offset = tailStart + at;
  const comment = tail.subarray(at + END_BYTES);
  if (comment.length > LIMITS.archiveCommentBytes) {
    throw refuse(
      'MAR_COMMENT',
      where,
      `the comment has ${comment.length} bytes; at most ${LIMITS.archiveCommentBytes} are accepted.`,
    );
  }
  if (comment.includes('PK')) throw refuse('MAR_COMMENT', where, 'the comment holds the mark of a zip record.');
  if (tail.readUInt16LE(at + 4) !== 0 || tail.readUInt16LE(at + 6) !== 0) {
    throw refuse('MAR_DISKS', where, 'the zip is one of several disks.');
  }
  const onDisk = tail.readUInt16LE(at + 8);
  const total = tail.readUInt16LE(at + 10);
  if (onDisk !== total) throw refuse('MAR_ENTRY_COUNT', where, `the end record gives ${onDisk} and ${total} entries.`);
  const zip64 = readZip64(source, tail, { at, offset }, where);
  const entries = agree(total, zip64?.entries, 0xffff, 'entries', where);
  const directoryBytes = agree(tail.readUInt32LE(at + 12), zip64?.directoryBytes, 0xffffffff, 'directory bytes', where);
  const directoryOffset = agree(
    tail.readUInt32LE(at + 16),
    zip64?.directoryOffset,
    0xffffffff,
    'directory offset',
    where,
  );
  checkEntryCount(entries, where);
  const recordsStart = zip64?.offset ?? offset;
  if (directoryOffset + directoryBytes > recordsStart) {
    throw refuse('MAR_DIRECTORY', where, 'the directory reaches past the end record.');
  }
  if (directoryOffset + directoryBytes < recordsStart) {
    const moved = recordsStart - directoryBytes;
    if (Buffer.from(source.read(moved, 4)).toString('latin1') === 'PK\x01\x02') {
      refuseFront(source, moved - directoryOffset, where);
    }
    throw refuse(
      'MAR_GAP',
      where,
      `${recordsStart - directoryOffset - directoryBytes} bytes lie between directory and end record.`,
    );
  }
  if (directoryBytes > LIMITS.archiveDirectoryBytes) {
    throw refuse(
      'MAR_DIRECTORY',
      where,
      `the directory has ${directoryBytes} bytes; at most ${LIMITS.archiveDirectoryBytes} are accepted.`,
    );
  }
  return { entries, directoryOffset, directoryBytes };
}
