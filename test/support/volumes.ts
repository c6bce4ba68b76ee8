import { applyAffine, composeAffine, multiplyAffines, type Vector } from '../../src/core/imaging/affine.js';
import { encodeNifti } from '../../src/core/imaging/nifti/write.js';
import type { DType } from '../../src/core/tensor/dtype.js';
import { DTYPES } from '../../src/core/tensor/dtype.js';
import { type NdArray, wrapNdArray } from '../../src/core/tensor/ndarray.js';
import type { Affine, ArrayValue, FileValue, Geometry } from '../../src/core/tensor/value.js';

/** Pseudo-random numbers from 0 to 1, the same for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Rotation by angles (radians) about x, then y, then z, as a 4×4 matrix. */
function rotation(x: number, y: number, z: number): Affine {
  const turn = (a: number, from: number, to: number): Affine => {
    const m = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    m[from * 5] = Math.cos(a);
    m[to * 5] = Math.cos(a);
    m[from * 4 + to] = -Math.sin(a);
    m[to * 4 + from] = Math.sin(a);
    return m;
  };
  return multiplyAffines(turn(z, 0, 1), multiplyAffines(turn(y, 2, 0), turn(x, 1, 2)));
}

/** The affines of volumes met in practice. */
export const AFFINES: Readonly<Record<string, Affine>> = {
  RAS: composeAffine(
    [
      [1.5, 0, 0],
      [0, 2, 0],
      [0, 0, 3],
    ],
    [-20, 14.5, 3.25],
  ),
  LAS: composeAffine(
    [
      [-1.5, 0, 0],
      [0, 2, 0],
      [0, 0, 3],
    ],
    [40, -14.5, -3],
  ),
  oblique: multiplyAffines(
    rotation(0.2, -0.35, 0.5),
    composeAffine(
      [
        [-1.2, 0, 0],
        [0, 0.9, 0],
        [0, 0, 2.5],
      ],
      [10, 20, 30],
    ),
  ),
  permuted: composeAffine(
    [
      [0, 0, 1.25],
      [-2, 0, 0],
      [0, 0.75, 0],
    ],
    [5, -6, 7],
  ),
  sheared: composeAffine(
    [
      [1, 0.1, 0],
      [0, 1.5, 0.2],
      [0.15, 0, 2],
    ],
    [1, 2, 3],
  ),
};

/** All 48 ways in which voxel axes can run along world axes, each turned out of them by the same small rotation. */
export function allOrientations(sizes: Vector): Affine[] {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  const oblique = rotation(0.15, -0.1, 0.2);
  return orders.flatMap((order) =>
    Array.from({ length: 8 }, (_, flips) => {
      const columns = order.map((world, axis) => {
        const column: [number, number, number] = [0, 0, 0];
        column[world] = sizes[axis]! * (flips & (1 << axis) ? -1 : 1);
        return column;
      });
      return multiplyAffines(oblique, composeAffine(columns as unknown as [Vector, Vector, Vector], [11, -7, 23.5]));
    }),
  );
}

/** An array (x fastest) from a function of the voxel index. */
export function fillVolume(
  shape: readonly number[],
  value: (...index: number[]) => number,
  dtype: DType = 'float32',
): NdArray {
  const count = shape.reduce((a, b) => a * b, 1);
  const data = new DTYPES[dtype].array(count);
  for (let n = 0; n < count; n += 1) {
    let rest = n;
    const index = shape.map((length) => {
      const at = rest % length;
      rest = Math.floor(rest / length);
      return at;
    });
    data[n] = value(...index);
  }
  return wrapNdArray(dtype, shape, data, 'F');
}

/** The element at an index of any array. */
export function at(array: NdArray, index: readonly number[]): number {
  return Number(array.data[index.reduce((sum, i, axis) => sum + i * array.strides[axis]!, array.offset)]);
}

export function geometryOf(array: NdArray, affine: Affine): Geometry {
  return { affine, spatialAxes: [0, 1, 2], original: { shape: array.shape, affine, source: 'array' } };
}

export function placed(array: NdArray, affine: Affine): ArrayValue {
  return { kind: 'array', array, geometry: geometryOf(array, affine) };
}

/** A NIfTI file of an array on a grid. */
export function niftiFile(
  array: NdArray,
  affine: Affine,
  options: { slope?: number; intercept?: number } = {},
): FileValue {
  const { slope, intercept } = options;
  const pieces = encodeNifti({
    array,
    geometry: geometryOf(array, affine),
    ...(slope === undefined ? {} : { scaling: { slope, intercept: intercept ?? 0 } }),
  });
  return { kind: 'file', bytes: Buffer.concat(pieces), name: 'scan.nii' };
}

/** Index and value of the largest element of a volume. */
export function brightest(array: NdArray): { index: [number, number, number]; value: number } {
  let best = { index: [0, 0, 0] as [number, number, number], value: Number.NEGATIVE_INFINITY };
  for (let z = 0; z < array.shape[2]!; z += 1)
    for (let y = 0; y < array.shape[1]!; y += 1)
      for (let x = 0; x < array.shape[0]!; x += 1) {
        const value = at(array, [x, y, z]);
        if (value > best.value) best = { index: [x, y, z], value };
      }
  return best;
}

/** Distance in mm between two points. */
export function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((value, n) => value - b[n]!));
}

export { applyAffine };
