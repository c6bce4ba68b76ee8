import type { Affine } from '../tensor/value.js';
import { fusedMultiplyAdd } from './fused.js';

export type Vector = readonly [number, number, number];

export const IDENTITY: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/** The matrix product a·b of two 4×4 matrices, row-major; sums over k rising with one rounding a step, as numpy's `dot`. */
export function multiplyAffines(a: Affine, b: Affine): number[] {
  const out = new Array<number>(16);
  for (let row = 0; row < 4; row += 1) {
    for (let column = 0; column < 4; column += 1) {
      let sum = 0;
      for (let k = 0; k < 4; k += 1) sum = fusedMultiplyAdd(a[row * 4 + k]!, b[k * 4 + column]!, sum);
      out[row * 4 + column] = sum;
    }
  }
  return out;
}

/** Millimetres (RAS+) of a voxel index, which may be fractional. */
export function applyAffine(affine: Affine, point: Vector): [number, number, number] {
  const row = (n: number): number =>
    affine[n]! * point[0] + affine[n + 1]! * point[1] + affine[n + 2]! * point[2] + affine[n + 3]!;
  return [row(0), row(4), row(8)];
}

/** Lengths of the three columns: the distance in mm between neighbouring voxels along i, j, k. */
export function voxelSizes(affine: Affine): [number, number, number] {
  const size = (column: number): number => {
    const [x, y, z] = [affine[column]!, affine[column + 4]!, affine[column + 8]!];
    return Math.sqrt(x * x + y * y + z * z);
  };
  return [size(0), size(1), size(2)];
}

/** Determinant of the upper left 3×3; negative when the voxel axes are left-handed. */
export function determinant(affine: Affine): number {
  const [a, b, c, , d, e, f, , g, h, i] = affine as number[];
  return a! * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) + c! * (d! * h! - e! * g!);
}

/** A 4×4 affine from column vectors and an origin, all in mm. */
export function composeAffine(columns: readonly [Vector, Vector, Vector], origin: Vector): number[] {
  const [i, j, k] = columns;
  return [
    ...[i[0], j[0], k[0], origin[0]],
    ...[i[1], j[1], k[1], origin[1]],
    ...[i[2], j[2], k[2], origin[2]],
    ...[0, 0, 0, 1],
  ];
}

/** The affine after the first voxel kept has become voxel zero; negative `start` where voxels were padded on. */
export function shiftOrigin(affine: Affine, start: Vector): number[] {
  const origin = applyAffine(affine, start);
  return affine.map((value, n) => (n % 4 === 3 && n < 12 ? origin[(n - 3) / 4]! : value));
}
