import { HEADER_BYTES } from './fields.js';
import type { NiftiHeader } from './header.js';
import { niftiError } from './nifti-error.js';

/** Fewer bytes than this before the voxels are padding. */
const LEAST_BYTES = 16;

/**
 * The raw header extensions of a single file, empty when it has none. Each begins with its size, its own 8 bytes
 * included, and must end before the voxels. A size that is no multiple of 16, as some writers leave it, is taken at its
 * word, as nibabel does. Throws NIFTI_INVALID.
 */
export function readExtensions(header: NiftiHeader, bytes: Uint8Array, file: string): Uint8Array {
  const start = HEADER_BYTES[header.version] + 4;
  if (!header.single || !bytes[start - 4]) return new Uint8Array(0);
  if (header.view.get('vox_offset') === 0) {
    throw niftiError({
      ...{ file, field: 'vox_offset', offset: header.view.offsetOf('vox_offset'), found: 0 },
      expected: 'where the voxels begin, since extensions lie between them and the header',
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  while (at + LEAST_BYTES <= header.dataOffset) {
    const size = view.getInt32(at, header.littleEndian);
    if (size < 8 || at + size > header.dataOffset) {
      throw niftiError({
        ...{ file, field: 'esize of an extension', offset: at, found: size },
        expected: `8..${header.dataOffset - at}`,
      });
    }
    at += size;
  }
  return bytes.slice(start, at);
}
