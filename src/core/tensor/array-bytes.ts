import { EisenError } from '../errors/error.js';
import { DTYPES } from './dtype.js';
import { contiguousStrides, countElements, isContiguous, type NdArray } from './ndarray.js';
import type { NumpyDType } from './numpy-dtype.js';

function swapBytes(source: Uint8Array, bytes: number): Uint8Array {
  const copy = Buffer.from(source);
  if (bytes === 2) copy.swap16();
  else if (bytes === 4) copy.swap32();
  else copy.swap64();
  return copy;
}

function checkBooleans(bytes: Uint8Array, where: string): void {
  for (let n = 0; n < bytes.length; n += 1) {
    if (bytes[n]! > 1) {
      throw new EisenError('TENSOR_DATA', `${where}: bool element ${n} is ${bytes[n]}; expected 0 or 1.`, { where });
    }
  }
}

/**
 * An array over the bytes of its elements. The bytes are viewed in place where their address and byte order allow it,
 * else copied once; the caller gives them away. Throws TENSOR_DATA unless their number is exactly shape × element size.
 */
export function viewArray(
  bytes: Uint8Array,
  { dtype, bigEndian }: NumpyDType,
  layout: { readonly shape: readonly number[]; readonly order?: 'C' | 'F'; readonly where: string },
): NdArray {
  const { shape, where, order = 'C' } = layout;
  const { bytes: size, array: TypedArray } = DTYPES[dtype];
  const count = countElements(shape, where);
  if (bytes.length !== count * size) {
    throw new EisenError(
      'TENSOR_DATA',
      `${where}: ${dtype} [${shape.join(', ')}] needs ${count * size} bytes; found ${bytes.length}.`,
      { where, expected: `${count * size} bytes`, found: `${bytes.length} bytes` },
    );
  }
  if (dtype === 'bool') checkBooleans(bytes, where);
  let own = bytes;
  if (bigEndian) own = swapBytes(bytes, size);
  else if (bytes.byteOffset % size !== 0) own = new Uint8Array(bytes);
  const data = new TypedArray(own.buffer, own.byteOffset, count);
  return { dtype, shape, strides: contiguousStrides(shape, order), offset: 0, data };
}

/** The bytes of an array in C order, little-endian: a view of its data when that already lies so, else a copy. */
export function arrayBytes(array: NdArray): Uint8Array {
  const { bytes: size, array: TypedArray } = DTYPES[array.dtype];
  const count = countElements(array.shape);
  if (isContiguous(array, 'C')) {
    return new Uint8Array(array.data.buffer, array.data.byteOffset + array.offset * size, count * size);
  }
  const target = new TypedArray(count);
  copyStrided(array, target as Uint8Array);
  return new Uint8Array(target.buffer, 0, count * size);
}

/** Copies element by element along the last axis; typed as bytes because no element is ever converted. */
function copyStrided(array: NdArray, target: Uint8Array): void {
  const source = array.data as Uint8Array;
  const rank = array.shape.length;
  const index = new Array<number>(rank).fill(0);
  const length = array.shape[rank - 1]!;
  const step = array.strides[rank - 1]!;
  let from = array.offset;
  for (let to = 0; to < target.length; ) {
    for (let n = 0, at = from; n < length; n += 1, at += step) target[to++] = source[at]!;
    for (let axis = rank - 2; axis >= 0; axis -= 1) {
      from += array.strides[axis]!;
      index[axis]! += 1;
      if (index[axis]! < array.shape[axis]!) break;
      from -= array.strides[axis]! * array.shape[axis]!;
      index[axis] = 0;
    }
  }
}
