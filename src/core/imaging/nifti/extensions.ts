import { HEADER_BYTES } from './fields.js';
import type { NiftiHeader } from './header.js';
import { niftiError } from './nifti-error.js';

/**
 * The raw header extensions of a single file, empty when it has none. Each begins with its size, which must be a
 * multiple of 16 and stay before the voxels. Throws NIFTI_INVALID.
 */
export function readExtensions(header: NiftiHeader, bytes: Uint8Array, file: string): Uint8Array {
  const start = HEADER_BYTES[header.version] + 4;
  if (!header.single || bytes[start - 4] !== 1) return new Uint8Array(0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  while (at + 8 <= header.dataOffset) {
    const size = view.getInt32(at, header.littleEndian);
    if (size < 16 || size % 16 !== 0 || at + size > header.dataOffset) {
      throw niftiError({
        ...{ file, field: 'esize of an extension', offset: at, found: size },
        expected: `a multiple of 16 from 16, at most ${header.dataOffset - at} here`,
      });
    }
    at += size;
  }
  return bytes.slice(start, at);
}
