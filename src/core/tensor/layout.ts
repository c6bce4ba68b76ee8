import { EisenError } from '../errors/error.js';
import { contiguousStrides, countElements, isContiguous, type NdArray } from './ndarray.js';

function checkAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normal < 0 || normal >= rank) {
    throw new EisenError('TENSOR_SHAPE', `axis ${axis} is outside an array of ${rank} axes.`, {
      expected: `-${rank}..${rank - 1}`,
      found: String(axis),
    });
  }
  return normal;
}

/** A view with the axes in this order, as numpy's transpose; without `axes` their order is reversed. */
export function transpose(array: NdArray, axes?: readonly number[]): NdArray {
  const rank = array.shape.length;
  const order = axes ? axes.map((axis) => checkAxis(axis, rank)) : array.shape.map((_, axis) => rank - 1 - axis);
  if (order.length !== rank || new Set(order).size !== rank) {
    throw new EisenError(
      'TENSOR_SHAPE',
      `axes [${(axes ?? []).join(', ')}] do not name each of the ${rank} axes once.`,
    );
  }
  return {
    ...array,
    shape: order.map((axis) => array.shape[axis]!),
    strides: order.map((axis) => array.strides[axis]!),
  };
}

/** A view with one axis read backwards. */
export function flipAxis(array: NdArray, axis: number): NdArray {
  const at = checkAxis(axis, array.shape.length);
  const step = array.strides[at]!;
  const last = Math.max(array.shape[at]! - 1, 0);
  return { ...array, offset: array.offset + last * step, strides: array.strides.with(at, -step) };
}

/** A view of the elements `start ≤ index < stop` of one axis; bounds outside the axis are an error, never clamped. */
export function sliceAxis(array: NdArray, axis: number, range: { start: number; stop: number }): NdArray {
  const at = checkAxis(axis, array.shape.length);
  const { start, stop } = range;
  if (!(Number.isInteger(start) && Number.isInteger(stop) && start >= 0 && start <= stop && stop <= array.shape[at]!)) {
    throw new EisenError('TENSOR_SHAPE', `${start}..${stop} is outside axis ${at} of length ${array.shape[at]}.`);
  }
  const offset = stop === start ? array.offset : array.offset + start * array.strides[at]!;
  return { ...array, offset, shape: array.shape.with(at, stop - start) };
}

/** A view of one index of an axis, without that axis. */
export function selectIndex(array: NdArray, axis: number, index: number): NdArray {
  const at = checkAxis(axis, array.shape.length);
  const view = sliceAxis(array, at, { start: index, stop: index + 1 });
  return { ...view, shape: view.shape.toSpliced(at, 1), strides: view.strides.toSpliced(at, 1) };
}

/** A view with a new axis of length 1 at this place. */
export function expandDims(array: NdArray, axis: number): NdArray {
  const at = checkAxis(axis, array.shape.length + 1);
  return { ...array, shape: array.shape.toSpliced(at, 0, 1), strides: array.strides.toSpliced(at, 0, 0) };
}

/** A view without the named axes, which must have length 1; without `axes`, without every axis of length 1. */
export function squeeze(array: NdArray, axes?: readonly number[]): NdArray {
  const gone = axes
    ? axes.map((axis) => checkAxis(axis, array.shape.length))
    : array.shape.flatMap((length, axis) => (length === 1 ? [axis] : []));
  for (const axis of gone) {
    if (array.shape[axis] !== 1) {
      throw new EisenError(
        'TENSOR_SHAPE',
        `axis ${axis} has length ${array.shape[axis]}; only 1 can be squeezed away.`,
      );
    }
  }
  const keep = array.shape.map((_, axis) => axis).filter((axis) => !gone.includes(axis));
  return {
    ...array,
    shape: keep.map((axis) => array.shape[axis]!),
    strides: keep.map((axis) => array.strides[axis]!),
  };
}

/** A view of another shape with the same elements; the array must be contiguous in `order`. Throws TENSOR_SHAPE. */
export function reshape(array: NdArray, shape: readonly number[], order: 'C' | 'F' = 'C'): NdArray {
  if (countElements(shape) !== countElements(array.shape) || !isContiguous(array, order)) {
    throw new EisenError(
      'TENSOR_SHAPE',
      `[${array.shape.join(', ')}] cannot be viewed as [${shape.join(', ')}] in ${order} order.`,
    );
  }
  return { ...array, shape, strides: contiguousStrides(shape, order) };
}
