import { EisenError } from '../errors/error.js';
import type { Affine } from '../tensor/value.js';

/**
 * The inverse of a 4×4 matrix in the order of operations of LAPACK's getrf (LU with partial pivoting) and getri
 * (inverse of U, then back through L), which is how scipy inverts. A textbook inverse differs in the last bit, and that
 * bit decides whether the voxels of a whole face of the resampled volume are inside or outside. Throws GEOMETRY when the
 * matrix is singular.
 */
export function invertAffine(matrix: Affine): number[] {
  const lu = [...matrix];
  const swaps = factorise(lu);
  invertUpper(lu);
  applyLower(lu);
  for (let column = 2; column >= 0; column -= 1) {
    const other = swaps[column]!;
    if (other !== column) for (let row = 0; row < 4; row += 1) swap(lu, row * 4 + column, row * 4 + other);
  }
  return lu;
}

function swap(values: number[], a: number, b: number): void {
  [values[a], values[b]] = [values[b]!, values[a]!];
}

function factorise(lu: number[]): number[] {
  const swaps: number[] = [];
  for (let k = 0; k < 4; k += 1) {
    let pivot = k;
    for (let row = k + 1; row < 4; row += 1) {
      if (Math.abs(lu[row * 4 + k]!) > Math.abs(lu[pivot * 4 + k]!)) pivot = row;
    }
    swaps.push(pivot);
    const size = lu[pivot * 4 + k]!;
    if (size === 0 || !Number.isFinite(size)) {
      throw new EisenError('GEOMETRY', 'the affine cannot be inverted: its axes do not span the space.', {
        expected: 'three independent voxel axes of finite length',
        found: `[${lu.join(', ')}]`,
      });
    }
    if (pivot !== k) for (let column = 0; column < 4; column += 1) swap(lu, k * 4 + column, pivot * 4 + column);
    const reciprocal = 1 / lu[k * 4 + k]!;
    for (let row = k + 1; row < 4; row += 1) {
      lu[row * 4 + k]! *= reciprocal;
      for (let column = k + 1; column < 4; column += 1) {
        lu[row * 4 + column]! -= lu[row * 4 + k]! * lu[k * 4 + column]!;
      }
    }
  }
  return swaps;
}

function invertUpper(u: number[]): void {
  for (let j = 0; j < 4; j += 1) {
    u[j * 5] = 1 / u[j * 5]!;
    const factor = -u[j * 5]!;
    for (let k = 0; k < j; k += 1) {
      const value = u[k * 4 + j]!;
      for (let row = 0; row < k; row += 1) u[row * 4 + j]! += value * u[row * 4 + k]!;
      u[k * 4 + j] = value * u[k * 5]!;
    }
    for (let row = 0; row < j; row += 1) u[row * 4 + j]! *= factor;
  }
}

function applyLower(a: number[]): void {
  for (let j = 2; j >= 0; j -= 1) {
    const lower = [0, 0, 0, 0];
    for (let row = j + 1; row < 4; row += 1) {
      lower[row] = a[row * 4 + j]!;
      a[row * 4 + j] = 0;
    }
    for (let k = j + 1; k < 4; k += 1) {
      for (let row = 0; row < 4; row += 1) a[row * 4 + j]! -= a[row * 4 + k]! * lower[k]!;
    }
  }
}
