import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { encodeDirectory, encodeLocalHeader, type ZipRecord } from '../../core/archive/zip-records.js';
import { EisenError } from '../../core/errors/error.js';
import { asReadError } from '../../core/files/file-error.js';
import { looksLikeDicom } from '../../core/imaging/dicom/preamble.js';

/** Ends of a zip without zip64: counts are 16 bits wide, offsets 32. */
const MOST_FILES = 0xfffe;
const MOST_BYTES = 0xffff_0000;

const NO_SERIES_HINT = 'A folder stands for one DICOM series; name any other file itself.';

export interface ZippedFolder {
  readonly bytes: Uint8Array;
  /** The names of the files that do not begin as DICOM does: no reader makes voxels of them. */
  readonly others: readonly string[];
}

/**
 * The regular files of a folder, at any depth, as one zip in memory: stored, in the order of their names, without times, so
 * that the same folder gives the same bytes. This is how a DICOM series travels. Links are not followed.
 *
 * @throws FILE_NOT_FOUND for what cannot be read; INPUT_INVALID for a folder without a file, without DICOM among them, or too
 * large for one zip.
 */
export async function zipFolder(folder: string): Promise<ZippedFolder> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw asReadError(error, folder);
  });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
  if (names.length === 0) throw refuse(folder, 'holds no file', 'Links are not followed.');
  if (names.length > MOST_FILES) throw refuse(folder, `holds ${names.length} files; expected at most ${MOST_FILES}`);
  const pieces: Buffer[] = [];
  const records: ZipRecord[] = [];
  let offset = 0;
  const others: string[] = [];
  for (const name of names) {
    const content = await readFile(path.join(folder, name)).catch((error: unknown) => {
      throw asReadError(error, path.join(folder, name));
    });
    if (!looksLikeDicom(content)) others.push(name);
    if (offset + content.length > MOST_BYTES) throw refuse(folder, 'holds more than 4 GB');
    const bytes = content.length;
    const rawName = Buffer.from(name.split(path.sep).join('/'), 'utf8');
    const record: ZipRecord = {
      rawName,
      method: 0,
      crc32: crc32(content),
      storedBytes: bytes,
      bytes,
      headerOffset: offset,
    };
    const header = encodeLocalHeader(record, 0);
    records.push(record);
    pieces.push(header, content);
    offset += header.length + bytes;
  }
  if (others.length === names.length)
    throw refuse(folder, `holds no DICOM file (looked at ${names.length})`, NO_SERIES_HINT);
  return { bytes: Buffer.concat([...pieces, encodeDirectory(records, offset)]), others };
}

function refuse(folder: string, what: string, hint?: string): EisenError {
  return new EisenError('INPUT_INVALID', `${folder}: the folder ${what}.`, {
    where: folder,
    ...(hint === undefined ? {} : { hint }),
  });
}
