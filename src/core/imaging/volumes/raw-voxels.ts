import { LIMITS } from '../../limits.js';
import { DTYPES, type DType } from '../../tensor/dtype.js';
import { countElements, type NdArray, wrapNdArray } from '../../tensor/ndarray.js';
import { inflateExactly } from '../gunzip.js';
import { volumeError } from './text-header.js';

export interface RawVoxels {
  readonly bytes: Uint8Array;
  readonly dtype: DType;
  /** First axis fastest. */
  readonly shape: readonly number[];
  readonly bigEndian: boolean;
  readonly compressed: boolean;
  /** The voxels are the last bytes, whatever stands before them. Only for voxels that are not compressed. */
  readonly fromEnd?: boolean;
  readonly file: string;
}

/** Voxels of a file as an array, first axis fastest. Throws IMAGE_FORMAT when there are too few bytes. */
export function readRawVoxels({ bytes, dtype, shape, bigEndian, compressed, fromEnd, file }: RawVoxels): NdArray {
  if (shape.length === 0 || !shape.every((length) => Number.isSafeInteger(length) && length > 0)) {
    throw volumeError(file, `the size is [${shape.join(', ')}]; expected whole numbers from 1`);
  }
  const size = DTYPES[dtype].bytes;
  const length = countElements(shape, file) * size;
  if (length > LIMITS.tensorBytes)
    throw volumeError(file, `[${shape.join(', ')}] ${dtype} is more than ${LIMITS.tensorBytes} bytes`);
  const stored = compressed ? inflateExactly(bytes, { length, file }) : bytes;
  if (stored.length < length)
    throw volumeError(file, `there are ${stored.length} bytes of voxels; expected ${length}`, 'The file is cut off.');
  const start = fromEnd && !compressed ? stored.length - length : 0;
  const copy = Buffer.from(new Uint8Array(stored.subarray(start, start + length)).buffer);
  if (bigEndian && size === 2) copy.swap16();
  if (bigEndian && size === 4) copy.swap32();
  if (bigEndian && size === 8) copy.swap64();
  return wrapNdArray(dtype, shape, new DTYPES[dtype].array(copy.buffer, 0, length / size), 'F');
}
