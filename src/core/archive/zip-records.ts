/** What the records of a zip say about one entry. */
export interface ZipRecord {
  readonly rawName: Buffer;
  readonly method: 0 | 8;
  readonly crc32: number;
  readonly storedBytes: number;
  readonly bytes: number;
  readonly headerOffset: number;
}

/** 1 January 1980, 00:00: the first moment that a zip can name, so that bytes do not depend on clock or time zone. */
const DOS_TIME = 0;
const DOS_DATE = 0x21;
const UTF8_FLAG = 1 << 11;
/** Id of the block that Android's zipalign pads with; readers skip it. */
const PADDING_ID = 0xd935;

const flagsOf = (name: Buffer): number => (name.some((byte) => byte > 127) ? UTF8_FLAG : 0);

/** Bytes of padding block (0, or 4 and more) that make the data of an entry begin at a multiple of `align`. */
export function paddingFor(headerOffset: number, nameBytes: number, align: number): number {
  const rest = (headerOffset + 30 + nameBytes) % align;
  if (rest === 0) return 0;
  const padding = align - rest;
  return padding < 4 ? padding + align : padding;
}

/** What local header and directory record have in common, from the version that is needed to the length of the name. */
function writeCommon(bytes: Buffer, at: number, record: ZipRecord): void {
  bytes.writeUInt16LE(record.method === 0 ? 10 : 20, at);
  bytes.writeUInt16LE(flagsOf(record.rawName), at + 2);
  bytes.writeUInt16LE(record.method, at + 4);
  bytes.writeUInt16LE(DOS_TIME, at + 6);
  bytes.writeUInt16LE(DOS_DATE, at + 8);
  bytes.writeUInt32LE(record.crc32, at + 10);
  bytes.writeUInt32LE(record.storedBytes, at + 14);
  bytes.writeUInt32LE(record.bytes, at + 18);
  bytes.writeUInt16LE(record.rawName.length, at + 22);
}

export function encodeLocalHeader(record: ZipRecord, padding: number): Buffer {
  const header = Buffer.alloc(30 + record.rawName.length + padding);
  header.writeUInt32LE(0x04034b50, 0);
  writeCommon(header, 4, record);
  header.writeUInt16LE(padding, 28);
  record.rawName.copy(header, 30);
  if (padding > 0) {
    header.writeUInt16LE(PADDING_ID, 30 + record.rawName.length);
    header.writeUInt16LE(padding - 4, 32 + record.rawName.length);
  }
  return header;
}

function encodeDirectoryRecord(record: ZipRecord): Buffer {
  const bytes = Buffer.alloc(46 + record.rawName.length);
  bytes.writeUInt32LE(0x02014b50, 0);
  bytes.writeUInt16LE((3 << 8) | 20, 4);
  writeCommon(bytes, 6, record);
  bytes.writeUInt32LE((0o100644 << 16) >>> 0, 38);
  bytes.writeUInt32LE(record.headerOffset, 42);
  record.rawName.copy(bytes, 46);
  return bytes;
}

/** The central directory and the end record of a zip whose entries end at `offset`. */
export function encodeDirectory(records: readonly ZipRecord[], offset: number): Buffer {
  const directory = Buffer.concat(records.map(encodeDirectoryRecord));
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(records.length, 8);
  end.writeUInt16LE(records.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([directory, end]);
}
