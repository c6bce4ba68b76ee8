import { EisenError } from '../errors/error.js';
import type { Affine } from '../tensor/value.js';

/**
 * The inverse of a 4×4 matrix, bit for bit scipy's: LAPACK's getrf (columns left to right, partial pivoting) and getri
 * (inverse of U, then back through L), every element a plain dot product over rising k that is subtracted at once.
 * A textbook inverse differs in the last bit, and that bit decides whether the voxels of a whole face of a resampled
 * volume are inside or outside. Throws GEOMETRY when the matrix is singular.
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

/** The sum of m[row][k] × m[k][column] for from ≤ k < to. */
function dot(
  m: readonly number[],
  { row, column, from, to }: { row: number; column: number; from: number; to: number },
): number {
  let sum = 0;
  for (let k = from; k < to; k += 1) sum += m[row * 4 + k]! * m[k * 4 + column]!;
  return sum;
}

/** L below the diagonal, U on and above it; returns the row that each step swapped in. */
function factorise(lu: number[]): number[] {
  const swaps: number[] = [];
  for (let column = 0; column < 4; column += 1) {
    for (let row = 1; row < 4; row += 1) {
      lu[row * 4 + column]! -= dot(lu, { row, column, from: 0, to: Math.min(row, column) });
    }
    let pivot = column;
    for (let row = column + 1; row < 4; row += 1) {
      if (Math.abs(lu[row * 4 + column]!) > Math.abs(lu[pivot * 4 + column]!)) pivot = row;
    }
    swaps.push(pivot);
    const size = lu[pivot * 4 + column]!;
    if (size === 0 || !Number.isFinite(size)) {
      throw new EisenError('GEOMETRY', 'the affine cannot be inverted: its axes do not span the space.', {
        expected: 'three independent voxel axes of finite length',
        found: `[${matrixText(lu)}]`,
      });
    }
    if (pivot !== column) for (let k = 0; k < 4; k += 1) swap(lu, column * 4 + k, pivot * 4 + k);
    const reciprocal = 1 / lu[column * 5]!;
    for (let row = column + 1; row < 4; row += 1) lu[row * 4 + column]! *= reciprocal;
  }
  return swaps;
}

function matrixText(matrix: readonly number[]): string {
  return matrix.map((value) => Number(value.toPrecision(6))).join(', ');
}

function invertUpper(u: number[]): void {
  for (let column = 0; column < 4; column += 1) {
    const reciprocal = 1 / u[column * 5]!;
    const above = [0, 1, 2].slice(0, column).map((row) => dot(u, { row, column, from: row, to: column }) * -reciprocal);
    above.forEach((value, row) => {
      u[row * 4 + column] = value;
    });
    u[column * 5] = reciprocal;
  }
}

/** X = U⁻¹ · L⁻¹, column by column from the right. */
function applyLower(a: number[]): void {
  for (let column = 2; column >= 0; column -= 1) {
    const lower = [0, 1, 2, 3].map((row) => (row > column ? a[row * 4 + column]! : 0));
    for (let row = 0; row < 4; row += 1) {
      let sum = 0;
      for (let k = column + 1; k < 4; k += 1) sum += a[row * 4 + k]! * lower[k]!;
      a[row * 4 + column] = (row > column ? 0 : a[row * 4 + column]!) - sum;
    }
  }
}
