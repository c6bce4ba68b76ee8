import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { EisenError } from '../../core/errors/error.js';
import { looksLikeDicom } from '../../core/imaging/dicom/preamble.js';

/** Ends of a zip without zip64: counts are 16 bits wide, offsets 32. */
const MOST_FILES = 0xfffe;
const MOST_BYTES = 0xffff_0000;
const DOS_1980 = 0x21;
/** A regular file, made on Unix: the names are UTF-8, and readers that know DOS names only must not take them for such. */
const UNIX_FILE = 0o100644;

const NO_SERIES_HINT = 'A folder stands for one DICOM series; name any other file itself.';

/**
 * The regular files of a folder, at any depth, as one zip in memory: stored, in the order of their names, without times, so
 * that the same folder gives the same bytes. This is how a DICOM series travels. Links are not followed.
 *
 * @throws INPUT_INVALID for a folder without a file, without DICOM among them, or too large for one zip.
 */
export async function zipFolder(folder: string): Promise<Uint8Array> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
  if (names.length === 0) throw refuse(folder, 'holds no file', 'Links are not followed.');
  if (names.length > MOST_FILES) throw refuse(folder, `holds ${names.length} files; expected at most ${MOST_FILES}`);
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  let hasDicom = false;
  for (const name of names) {
    const content = await readFile(path.join(folder, name));
    hasDicom ||= looksLikeDicom(content);
    const header = createHeader(name.split(path.sep).join('/'), content);
    if (offset + content.length > MOST_BYTES) throw refuse(folder, 'holds more than 4 GB');
    directory.push(header.central(offset));
    pieces.push(header.local, content);
    offset += header.local.length + content.length;
  }
  if (!hasDicom) throw refuse(folder, `holds no DICOM file (looked at ${names.length})`, NO_SERIES_HINT);
  const central = Buffer.concat(directory);
  return Buffer.concat([...pieces, central, endRecord(names.length, central.length, offset)]);
}

/** The two headers of a stored entry with a UTF-8 name. */
function createHeader(name: string, content: Buffer): { local: Buffer; central: (offset: number) => Buffer } {
  const encoded = Buffer.from(name, 'utf8');
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(0x0800, 2);
  common.writeUInt16LE(DOS_1980, 8);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(content.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(encoded.length, 22);
  return {
    local: Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), common, encoded]),
    central: (offset) => {
      const rest = Buffer.alloc(14);
      rest.writeUInt32LE(UNIX_FILE * 0x10000, 6);
      rest.writeUInt32LE(offset, 10);
      return Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0003', 'latin1'), common, rest, encoded]);
    },
  };
}

function endRecord(count: number, bytes: number, offset: number): Buffer {
  const record = Buffer.alloc(22);
  record.write('PK\u0005\u0006', 0, 'latin1');
  record.writeUInt16LE(count, 8);
  record.writeUInt16LE(count, 10);
  record.writeUInt32LE(bytes, 12);
  record.writeUInt32LE(offset, 16);
  return record;
}

function refuse(folder: string, what: string, hint?: string): EisenError {
  return new EisenError('INPUT_INVALID', `${folder}: the folder ${what}.`, {
    where: folder,
    ...(hint === undefined ? {} : { hint }),
  });
}
