import { copyInto } from '../tensor/contiguous.js';
import { DTYPES } from '../tensor/dtype.js';
import { numberToHalf } from '../tensor/float16.js';
import { sliceAxis } from '../tensor/layout.js';
import { createNdArray, type NdArray } from '../tensor/ndarray.js';
import type { Geometry } from '../tensor/value.js';

/** A box of an array, axis by axis: it may begin before the array and end behind it. */
export interface Region {
  readonly start: readonly number[];
  readonly size: readonly number[];
}

/** The elements of a region: a view when it lies inside the array, else a copy with `fill` around. */
export function takeRegion(array: NdArray, { start, size }: Region, fill = 0): NdArray {
  let inside = array;
  let exceeds = false;
  const at: number[] = [];
  array.shape.forEach((length, axis) => {
    const from = Math.min(Math.max(start[axis]!, 0), length);
    const stop = Math.max(Math.min(start[axis]! + size[axis]!, length), from);
    if (stop - from !== size[axis]) exceeds = true;
    at.push(Math.max(-start[axis]!, 0));
    inside = sliceAxis(inside, axis, { start: from, stop });
  });
  if (!exceeds) return inside;
  const columns = Math.abs(array.strides[0] ?? 0) < Math.abs(array.strides.at(-1) ?? 0);
  const out = createNdArray(array.dtype, size, columns ? 'F' : 'C');
  if (fill !== 0) fillWith(out, fill);
  if (inside.shape.includes(0)) return out;
  let target = out;
  inside.shape.forEach((length, axis) => {
    target = sliceAxis(target, axis, { start: at[axis]!, stop: at[axis]! + length });
  });
  copyInto(target, inside);
  return out;
}

function fillWith({ dtype, data }: NdArray, fill: number): void {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.fill(BigInt(Math.trunc(fill)));
  else if (dtype === 'float16') data.fill(numberToHalf(fill));
  else data.fill(DTYPES[dtype].kind === 'bool' ? Number(fill !== 0) : fill);
}

/** The geometry of a region: the origin moves to its first voxel. */
export function regionGeometry(geometry: Geometry | undefined, start: readonly number[]): Geometry | undefined {
  if (geometry === undefined) return undefined;
  const { affine, spatialAxes } = geometry;
  const [i, j, k] = spatialAxes.map((axis) => start[axis]!) as [number, number, number];
  if (i === 0 && j === 0 && k === 0) return geometry;
  const moved = affine.map((entry, n) =>
    n % 4 === 3 && n < 12 ? entry + affine[n - 3]! * i + affine[n - 2]! * j + affine[n - 1]! * k : entry,
  );
  return { ...geometry, affine: moved };
}
