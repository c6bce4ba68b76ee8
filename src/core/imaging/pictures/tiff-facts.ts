import { EisenError } from '../../errors/error.js';

/** What the first directory of a TIFF says about its samples. */
export interface TiffFacts {
  /** Bits of a sample. */
  readonly bits: number;
  /** PhotometricInterpretation: 3 is a palette. */
  readonly photometric: number;
}

/** Reads two tags of the first directory. Throws IMAGE_FORMAT when the directory is not in the file. */
export function readTiffFacts(bytes: Uint8Array, file: string): TiffFacts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const damaged = new EisenError('IMAGE_FORMAT', `${file}: the TIFF directory lies outside the file.`, { where: file });
  if (bytes.length < 8) throw damaged;
  const start = view.getUint32(4, little);
  if (start + 2 > bytes.length) throw damaged;
  const count = view.getUint16(start, little);
  if (start + 2 + count * 12 > bytes.length) throw damaged;
  const facts = { bits: 1, photometric: 1 };
  for (let n = 0; n < count; n += 1) {
    const at = start + 2 + n * 12;
    const tag = view.getUint16(at, little);
    const value = view.getUint16(at + 8, little);
    if (tag === 258 && view.getUint32(at + 4, little) === 1) facts.bits = value;
    else if (tag === 258) facts.bits = 8;
    if (tag === 262) facts.photometric = value;
  }
  return facts;
}
