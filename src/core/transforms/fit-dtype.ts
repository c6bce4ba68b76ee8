import { castArray } from '../tensor/cast.js';
import { DTYPES, type DType } from '../tensor/dtype.js';
import type { NdArray } from '../tensor/ndarray.js';
import { denseRun } from './dense.js';
import { cannot } from './values.js';

/** The dtype in which a NIfTI stores an array: it has no code for bool, and few programs read a float16. */
export function niftiDType(dtype: DType): DType {
  return dtype === 'bool' ? 'uint8' : dtype === 'float16' ? 'float32' : dtype;
}

/** The least and the largest number that an integer dtype holds; every number fits into a float. */
function rangeOf(dtype: DType): readonly [number, number] {
  const { kind, bytes } = DTYPES[dtype];
  if (kind === 'float') return [-Infinity, Infinity];
  if (kind === 'bool') return [0, 1];
  const bits = bytes * 8;
  return kind === 'uint' ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

/** True when a number, cut toward zero, is one of the dtype. NaN is no integer. */
export function fitsDType(value: number, dtype: DType): boolean {
  if (DTYPES[dtype].kind === 'float') return true;
  const [least, most] = rangeOf(dtype);
  return value > least - 1 && value < most + 1;
}

function findMisfit(array: NdArray, dtype: DType): number | bigint | undefined {
  const [least, most] = rangeOf(dtype);
  const [ownLeast, ownMost] = rangeOf(array.dtype);
  if (DTYPES[dtype].kind === 'float' || (ownLeast >= least && ownMost <= most)) return undefined;
  const { data } = denseRun(array.dtype === 'float16' ? castArray(array, 'float32') : array);
  const [below, above] = [least - 1, most + 1];
  for (let n = 0; n < data.length; n += 1) {
    const value = data[n]!;
    if (!(value > below && value < above)) return value;
  }
  return undefined;
}

/**
 * castArray for what leaves the chain as a result: a number that would wrap into another one is refused instead.
 * Fractions are cut toward zero. Throws TRANSFORM_FAILED with the field and the first number that does not fit.
 */
export function castFitting(array: NdArray, dtype: DType, field: string): NdArray {
  const misfit = findMisfit(array, dtype);
  if (misfit === undefined) return castArray(array, dtype);
  const [least, most] = rangeOf(dtype);
  throw cannot(
    field,
    `it holds ${misfit}, which does not fit into ${dtype} (${least} to ${most}).`,
    'Choose a wider dtype, or cut the values off first with ClipIntensity.',
  );
}
