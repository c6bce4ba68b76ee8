import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import { DTYPES, type DType, type TypedArray } from './dtype.js';

/**
 * A strided n-dimensional array over a typed array. `strides` and `offset` count elements, may be negative or zero, and
 * never reach outside `data`. A view shares `data`; nobody writes into an array that it did not make.
 */
export interface NdArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  readonly data: TypedArray;
}

/** Elements of a shape; throws TENSOR_SHAPE when an axis is no count or the product is past the tensor limit. */
export function countElements(shape: readonly number[], where = 'shape'): number {
  let count = 1;
  for (const axis of shape) {
    if (!Number.isSafeInteger(axis) || axis < 0) {
      throw new EisenError('TENSOR_SHAPE', `${where}: axis length is ${axis}; expected a whole number from 0.`, {
        where,
      });
    }
    count *= axis;
    if (count > LIMITS.tensorBytes) {
      throw new EisenError(
        'LIMIT_EXCEEDED',
        `${where}: [${shape.join(', ')}] is more than ${LIMITS.tensorBytes} elements.`,
        {
          where,
        },
      );
    }
  }
  return count;
}

/** Strides in elements of a contiguous array: C order (last axis fastest) or F order (first axis fastest). */
export function contiguousStrides(shape: readonly number[], order: 'C' | 'F' = 'C'): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let n = 0; n < shape.length; n += 1) {
    const axis = order === 'C' ? shape.length - 1 - n : n;
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides;
}

/** An array over existing elements, contiguous in `order`; throws TENSOR_DATA when their count is not the shape's. */
export function wrapNdArray(dtype: DType, shape: readonly number[], data: TypedArray, order: 'C' | 'F' = 'C'): NdArray {
  const count = countElements(shape);
  if (data.length !== count) {
    throw new EisenError('TENSOR_DATA', `shape [${shape.join(', ')}] needs ${count} elements; found ${data.length}.`);
  }
  return { dtype, shape, strides: contiguousStrides(shape, order), offset: 0, data };
}

/** A new array of zeros. */
export function createNdArray(dtype: DType, shape: readonly number[], order: 'C' | 'F' = 'C'): NdArray {
  const count = countElements(shape);
  if (count * DTYPES[dtype].bytes > LIMITS.tensorBytes) {
    throw new EisenError('LIMIT_EXCEEDED', `[${shape.join(', ')}] ${dtype} is more than ${LIMITS.tensorBytes} bytes.`);
  }
  return wrapNdArray(dtype, shape, new DTYPES[dtype].array(count), order);
}

/** True when the elements lie densely in `order` from `offset` (axes of length 1 have no say). */
export function isContiguous(array: NdArray, order: 'C' | 'F' = 'C'): boolean {
  const expected = contiguousStrides(array.shape, order);
  return array.shape.every((length, axis) => length <= 1 || array.strides[axis] === expected[axis]);
}
