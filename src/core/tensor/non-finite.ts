import { countElements, isContiguous, type NdArray } from './ndarray.js';

/**
 * How many elements of a float32 or float64 array are NaN or infinite; 0 for other dtypes. One pass decides whether there
 * are any: x − x is 0 for a number and NaN for everything else; four sums keep the pipeline of the processor full.
 */
export function countNonFinite(array: NdArray): number {
  if (array.dtype !== 'float32' && array.dtype !== 'float64') return 0;
  if (!isContiguous(array, 'C') && !isContiguous(array, 'F')) return 0;
  const data = array.data as Float64Array;
  const end = array.offset + countElements(array.shape);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let n = array.offset;
  for (; n + 3 < end; n += 4) {
    a += data[n]! - data[n]!;
    b += data[n + 1]! - data[n + 1]!;
    c += data[n + 2]! - data[n + 2]!;
    d += data[n + 3]! - data[n + 3]!;
  }
  for (; n < end; n += 1) a += data[n]! - data[n]!;
  if (a + b + c + d === 0) return 0;
  let count = 0;
  for (n = array.offset; n < end; n += 1) if (!Number.isFinite(data[n])) count += 1;
  return count;
}
