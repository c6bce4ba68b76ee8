import { castArray } from '../tensor/cast.js';
import type { DType } from '../tensor/dtype.js';
import { halfToNumber, numberToHalf } from '../tensor/float16.js';
import type { NdArray } from '../tensor/ndarray.js';
import { type DenseRun, denseRun } from './dense.js';

/** What a result of one arithmetic step is rounded to, as numpy rounds each step to the dtype of the array. */
export type Round = (value: number) => number;

const roundHalf: Round = (value) => halfToNumber(numberToHalf(value));
const keep: Round = (value) => value;

export function roundOf(dtype: DType): Round {
  return dtype === 'float16' ? roundHalf : dtype === 'float32' ? Math.fround : keep;
}

/**
 * The numbers of an array to compute with: float32 and float64 as they are, float16 widened, all else as float64. An
 * array without axes counts as float64: numpy 1.26 computes with scalars so.
 */
export interface Numbers {
  /** The dtype that numpy computes in: the array's own when it is a float, else float64. */
  readonly dtype: 'float16' | 'float32' | 'float64';
  readonly data: Float32Array | Float64Array;
  /** An array of `dtype` in the shape and memory order of the source. */
  wrap(data: Float32Array | Float64Array): NdArray;
}

export function numbersOf(array: NdArray): Numbers {
  if (array.dtype === 'float16' && array.shape.length > 0) {
    const run: DenseRun = denseRun(castArray(array, 'float32'));
    return {
      dtype: 'float16',
      data: run.data as Float32Array,
      wrap: (data) => castArray(run.wrap('float32', data), 'float16'),
    };
  }
  const dtype = array.dtype === 'float32' && array.shape.length > 0 ? 'float32' : 'float64';
  const run = denseRun(castArray(array, dtype));
  return { dtype, data: run.data as Float32Array, wrap: (data) => run.wrap(dtype, data) };
}

/** New numbers of the same storage. */
export function sameStorage({ data }: Numbers): Float32Array | Float64Array {
  return data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length);
}

/** The same for ours: float64 stays, everything else is computed and kept as float32. */
export function floatsOf(array: NdArray): Numbers {
  const dtype = array.dtype === 'float64' ? 'float64' : 'float32';
  const run = denseRun(castArray(array, dtype));
  return { dtype, data: run.data as Float32Array, wrap: (data) => run.wrap(dtype, data) };
}
