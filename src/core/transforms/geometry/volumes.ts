import { copyInto } from '../../tensor/contiguous.js';
import { selectIndex, squeeze, transpose } from '../../tensor/layout.js';
import { createNdArray, type NdArray } from '../../tensor/ndarray.js';
import type { Geometry } from '../../tensor/value.js';

type Axes = Geometry['spatialAxes'];

/** The axes that are not spatial, in rising order. */
export function otherAxes(rank: number, spatialAxes: readonly number[]): number[] {
  return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !spatialAxes.includes(axis));
}

/** Lengths along i, j, k. */
export function spatialShape({ shape }: NdArray, spatialAxes: Axes): [number, number, number] {
  return [shape[spatialAxes[0]]!, shape[spatialAxes[1]]!, shape[spatialAxes[2]]!];
}

/**
 * Does `work` on every volume of an array. `work` gets a view of three axes in the order of `axes` (with axes of length 1
 * behind when fewer are named) and gives a volume with the same meaning of the axes; the results stand where the sources
 * stood, the other axes as they were.
 */
export function mapVolumes(array: NdArray, axes: readonly number[], work: (volume: NdArray) => NdArray): NdArray {
  if (axes.length < 3) {
    const rank = array.shape.length;
    const added = Array.from({ length: 3 - axes.length }, (_, n) => rank + n);
    const wide = {
      ...array,
      shape: [...array.shape, ...added.map(() => 1)],
      strides: [...array.strides, ...added.map(() => 0)],
    };
    return squeeze(mapVolumes(wide, [...axes, ...added], work), added);
  }
  const others = otherAxes(array.shape.length, axes);
  const order = [...others, ...axes];
  const front = transpose(array, order);
  const leading = others.map((axis) => array.shape[axis]!);
  const result = leading.every((length) => length === 1)
    ? unsqueeze(work(pick(front, new Array<number>(others.length).fill(0))), others.length)
    : mapEach(front, leading, work);
  // The inverse of the transposition above.
  return transpose(
    result,
    array.shape.map((_, axis) => order.indexOf(axis)),
  );
}

function pick(array: NdArray, indices: readonly number[]): NdArray {
  return indices.reduce((view, index) => selectIndex(view, 0, index), array);
}

function unsqueeze(array: NdArray, count: number): NdArray {
  const ones = new Array<number>(count).fill(1);
  return { ...array, shape: [...ones, ...array.shape], strides: [...ones.map(() => 0), ...array.strides] };
}

function mapEach(front: NdArray, leading: readonly number[], work: (volume: NdArray) => NdArray): NdArray {
  const count = leading.reduce((a, b) => a * b, 1);
  let out: NdArray | undefined;
  for (let n = 0; n < count; n += 1) {
    let rest = n;
    const indices = leading
      .toReversed()
      .map((length) => {
        const index = rest % length;
        rest = Math.floor(rest / length);
        return index;
      })
      .toReversed();
    const volume = work(pick(front, indices));
    out ??= createNdArray(volume.dtype, [...leading, ...volume.shape]);
    copyInto(pick(out, indices), volume);
  }
  return out ?? createNdArray(front.dtype, front.shape);
}
