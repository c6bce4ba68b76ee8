import { DTYPES, type TypedArray } from '../../tensor/dtype.js';
import type { NiftiHeader } from './header.js';

const NATIVE_LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * The stored voxels as a typed array. A view on `bytes` when they are aligned and in the machine's byte order. Otherwise
 * moved or swapped: inside `bytes` when we own them, in a copy when a caller does.
 */
export function viewVoxels(header: NiftiHeader, bytes: Uint8Array, owned: boolean): TypedArray {
  const { bytes: size, array } = DTYPES[header.dtype];
  const length = header.dataBytes / size;
  const swapped = header.littleEndian !== NATIVE_LITTLE && size > 1;
  let stored = bytes.subarray(header.dataOffset, header.dataOffset + header.dataBytes);
  if (stored.byteOffset % size !== 0 || (swapped && !owned)) {
    if (owned) {
      const at = (size - (bytes.byteOffset % size)) % size;
      bytes.copyWithin(at, header.dataOffset, header.dataOffset + header.dataBytes);
      stored = bytes.subarray(at, at + header.dataBytes);
    } else stored = new Uint8Array(stored);
  }
  if (swapped) swapBytes(stored, size);
  return new array(stored.buffer, stored.byteOffset, length);
}

/** Reverses the bytes of every element, in place. */
function swapBytes(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size === 2) buffer.swap16();
  else if (size === 4) buffer.swap32();
  else buffer.swap64();
}
