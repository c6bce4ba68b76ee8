import { crc32, deflateRawSync } from 'node:zlib';

/** The fields of one record; anything may be a lie. */
export interface RawFields {
  readonly rawName?: Buffer;
  readonly flags?: number;
  readonly method?: number;
  readonly crc?: number;
  readonly stored?: number;
  readonly bytes?: number;
  readonly extra?: Buffer;
  /** Version needed to extract. */
  readonly version?: number;
}

export interface RawEntry extends RawFields {
  readonly name?: string;
  readonly data?: Buffer | string;
  /** What differs in the local header only, or in the directory only. */
  readonly local?: RawFields;
  readonly central?: RawFields & {
    readonly mode?: number;
    readonly madeBy?: number;
    readonly offset?: number;
    readonly disk?: number;
    readonly comment?: Buffer;
  };
  /** Bytes after the data. */
  readonly descriptor?: Buffer;
  /** Not in the directory. */
  readonly isHidden?: boolean;
  /** Not in the body: only the directory names it. */
  readonly isGhost?: boolean;
  /** Bytes between this entry and the one before it. */
  readonly gap?: Buffer;
}

export interface RawZip {
  readonly entries: readonly RawEntry[];
  readonly prefix?: Buffer;
  readonly gapBeforeDirectory?: Buffer;
  readonly gapBeforeEnd?: Buffer;
  readonly trailing?: Buffer;
  readonly comment?: Buffer;
  /** Records between directory and end record: the zip64 ones. */
  readonly zip64?: (directoryOffset: number, directoryBytes: number, entries: number) => Buffer;
  readonly end?: {
    readonly entries?: number;
    readonly onDisk?: number;
    readonly disk?: number;
    readonly directoryDisk?: number;
    readonly directoryBytes?: number;
    readonly directoryOffset?: number;
    readonly commentBytes?: number;
  };
}

const UTF8 = 1 << 11;

export function block(id: number, data: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(data.length, 2);
  return Buffer.concat([head, data]);
}

export function unicodePath(name: string): Buffer {
  return block(0x7075, Buffer.concat([Buffer.from([1, 0, 0, 0, 0]), Buffer.from(name)]));
}

export function wide(...values: (number | bigint)[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), 8 * index);
  return bytes;
}

/** The zip64 end record and its locator, as every writer of big zips makes them. */
export function zip64Records(changes: { entries?: number; locator?: number; size?: number } = {}) {
  return (directoryOffset: number, directoryBytes: number, entries: number): Buffer => {
    const record = Buffer.alloc(56);
    record.writeUInt32LE(0x06064b50, 0);
    record.writeBigUInt64LE(BigInt(changes.size ?? 44), 4);
    record.writeUInt16LE(45, 12);
    record.writeUInt16LE(45, 14);
    wide(changes.entries ?? entries, entries, directoryBytes, directoryOffset).copy(record, 24);
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50, 0);
    locator.writeBigUInt64LE(BigInt(changes.locator ?? directoryOffset + directoryBytes), 8);
    locator.writeUInt32LE(1, 16);
    return Buffer.concat([record, locator]);
  };
}

export function dataDescriptor(crc: number, stored: number, bytes: number, isMarked = true): Buffer {
  const body = Buffer.alloc(12);
  body.writeUInt32LE(crc, 0);
  body.writeUInt32LE(stored, 4);
  body.writeUInt32LE(bytes, 8);
  return isMarked ? Buffer.concat([Buffer.from('PK\x07\x08', 'latin1'), body]) : body;
}

const pick = (first: number | undefined, second: number | undefined, honest: number): number =>
  first ?? second ?? honest;

/** Writes a zip whose every field can be made to lie. */
export function rawZip(zip: RawZip): Buffer {
  const body: Buffer[] = zip.prefix === undefined ? [] : [zip.prefix];
  let cursor = zip.prefix?.length ?? 0;
  const directory: Buffer[] = [];
  for (const entry of zip.entries) {
    const data = Buffer.from(entry.data ?? '');
    const method = entry.method ?? 8;
    const packed = method === 8 ? deflateRawSync(data) : data;
    const name = entry.rawName ?? Buffer.from(entry.name ?? 'a.txt');
    const honest = {
      flags: name.some((byte) => byte > 127) ? UTF8 : 0,
      crc: crc32(data),
      stored: packed.length,
      bytes: data.length,
    };
    if (entry.gap !== undefined) {
      body.push(entry.gap);
      cursor += entry.gap.length;
    }
    const offset = cursor;
    const local = { ...entry, ...entry.local };
    const localName = local.rawName ?? name;
    const localExtra = local.extra ?? Buffer.alloc(0);
    if (entry.isGhost !== true) {
      const header = Buffer.alloc(30);
      header.writeUInt32LE(0x04034b50, 0);
      header.writeUInt16LE(local.version ?? 20, 4);
      header.writeUInt16LE(pick(local.flags, undefined, honest.flags), 6);
      header.writeUInt16LE(local.method ?? method, 8);
      header.writeUInt16LE(0x21, 12);
      header.writeUInt32LE(pick(local.crc, undefined, honest.crc), 14);
      header.writeUInt32LE(pick(local.stored, undefined, honest.stored), 18);
      header.writeUInt32LE(pick(local.bytes, undefined, honest.bytes), 22);
      header.writeUInt16LE(localName.length, 26);
      header.writeUInt16LE(localExtra.length, 28);
      const parts = [header, localName, localExtra, packed, entry.descriptor ?? Buffer.alloc(0)];
      body.push(...parts);
      cursor += parts.reduce((sum, part) => sum + part.length, 0);
    }
    if (entry.isHidden === true) continue;
    const central = { ...entry, ...entry.central };
    const centralName = central.rawName ?? name;
    const centralExtra = central.extra ?? Buffer.alloc(0);
    const comment = entry.central?.comment ?? Buffer.alloc(0);
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(entry.central?.madeBy ?? (3 << 8) | 20, 4);
    record.writeUInt16LE(central.version ?? 20, 6);
    record.writeUInt16LE(pick(central.flags, undefined, honest.flags), 8);
    record.writeUInt16LE(central.method ?? method, 10);
    record.writeUInt16LE(0x21, 14);
    record.writeUInt32LE(pick(central.crc, undefined, honest.crc), 16);
    record.writeUInt32LE(pick(central.stored, undefined, honest.stored), 20);
    record.writeUInt32LE(pick(central.bytes, undefined, honest.bytes), 24);
    record.writeUInt16LE(centralName.length, 28);
    record.writeUInt16LE(centralExtra.length, 30);
    record.writeUInt16LE(comment.length, 32);
    record.writeUInt16LE(entry.central?.disk ?? 0, 34);
    record.writeUInt32LE(((entry.central?.mode ?? 0o100644) << 16) >>> 0, 38);
    record.writeUInt32LE(entry.central?.offset ?? offset, 42);
    directory.push(record, centralName, centralExtra, comment);
  }
  if (zip.gapBeforeDirectory !== undefined) {
    body.push(zip.gapBeforeDirectory);
    cursor += zip.gapBeforeDirectory.length;
  }
  const directoryBytes = Buffer.concat(directory);
  const count = zip.entries.filter((entry) => entry.isHidden !== true).length;
  const comment = zip.comment ?? Buffer.alloc(0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip.end?.disk ?? 0, 4);
  end.writeUInt16LE(zip.end?.directoryDisk ?? 0, 6);
  end.writeUInt16LE(zip.end?.onDisk ?? zip.end?.entries ?? Math.min(count, 0xffff), 8);
  end.writeUInt16LE(zip.end?.entries ?? Math.min(count, 0xffff), 10);
  end.writeUInt32LE(zip.end?.directoryBytes ?? directoryBytes.length, 12);
  end.writeUInt32LE(zip.end?.directoryOffset ?? cursor, 16);
  end.writeUInt16LE(zip.end?.commentBytes ?? comment.length, 20);
  return Buffer.concat([
    ...body,
    directoryBytes,
    zip.zip64?.(cursor, directoryBytes.length, count) ?? Buffer.alloc(0),
    zip.gapBeforeEnd ?? Buffer.alloc(0),
    end,
    comment,
    zip.trailing ?? Buffer.alloc(0),
  ]);
}
