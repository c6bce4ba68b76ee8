import { findExtremes as findExtremesFast } from '../imaging/kernels/stream.js';
import type { TypedArray } from '../tensor/dtype.js';

export interface Extremes {
  readonly min: number;
  readonly max: number;
}

/** Smallest and largest element; both NaN when any element is; undefined for no elements. */
export function findExtremes(data: Exclude<TypedArray, BigInt64Array | BigUint64Array>): Extremes | undefined {
  if (data.length === 0) return undefined;
  if (data instanceof Float32Array || data instanceof Int16Array) {
    const found = findExtremesFast(data)!;
    return found.hasNaN ? { min: Number.NaN, max: Number.NaN } : found;
  }
  let min = data[0]!;
  let max = min;
  let sum = 0;
  for (let n = 0; n < data.length; n += 1) {
    const value = data[n]!;
    if (value < min) min = value;
    if (value > max) max = value;
    // NaN times zero stays NaN, and so does infinity: the slow look follows only then.
    sum += value * 0;
  }
  if (sum !== 0 && data.some((value) => Number.isNaN(value))) return { min: Number.NaN, max: Number.NaN };
  return { min, max };
}
