import { toContiguous } from '../tensor/contiguous.js';
import type { DType, TypedArray } from '../tensor/dtype.js';
import { countElements, type NdArray } from '../tensor/ndarray.js';

/** The elements of an array as one run of memory, and the way back to an array of the same shape and memory order. */
export interface DenseRun {
  readonly data: TypedArray;
  wrap(dtype: DType, data: TypedArray): NdArray;
}

/** True when the elements fill one run of memory, in whatever order and direction of the axes. */
function isDense({ shape, strides }: NdArray): boolean {
  const axes = shape
    .map((length, axis) => ({ length, step: Math.abs(strides[axis]!) }))
    .filter(({ length }) => length !== 1)
    .sort((a, b) => a.step - b.step);
  let expected = 1;
  for (const { length, step } of axes) {
    if (step !== expected) return false;
    expected *= length;
  }
  return true;
}

/**
 * Element-wise work does not care for the order of the axes: a transposed or flipped volume is worked on as it lies, and
 * only what does not fill one run is copied first. The run may be the array's own memory: read it, never write it.
 */
export function denseRun(array: NdArray): DenseRun {
  const dense = isDense(array) ? array : toContiguous(array, array.strides[0] === 1 ? 'F' : 'C');
  const { shape, strides, offset } = dense;
  const first = strides.reduce((at, step, axis) => (step < 0 ? at + step * Math.max(shape[axis]! - 1, 0) : at), offset);
  return {
    data: dense.data.subarray(first, first + countElements(shape)),
    wrap: (dtype, data) => ({ dtype, shape, strides, offset: offset - first, data }),
  };
}
