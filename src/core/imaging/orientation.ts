import { EisenError } from '../errors/error.js';
import type { Affine } from '../tensor/value.js';
import { voxelSizes } from './affine.js';

/** A 3×3 matrix, row-major. */
export type Matrix3 = readonly number[];

/** For one voxel axis: the world axis (0 left–right, 1 back–front, 2 down–up) it runs closest to, and in which sense. */
export interface AxisOrientation {
  readonly world: 0 | 1 | 2;
  readonly sign: 1 | -1;
}

const LETTERS = [
  ['L', 'R'],
  ['P', 'A'],
  ['I', 'S'],
] as const;

/** The upper left 3×3 with columns of length 1 (a column of zeros stays). */
export function unitColumns(affine: Affine): number[] {
  const sizes = voxelSizes(affine).map((size) => (size === 0 ? 1 : size));
  return [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => affine[row * 4 + column]! / sizes[column]!));
}

/**
 * The rotation (or rotoreflection) nearest to a 3×3 matrix: the orthogonal factor of its polar decomposition, by
 * Newton's iteration R ← (R + R⁻ᵀ)/2. Throws GEOMETRY for a singular matrix.
 */
export function nearestRotation(matrix: Matrix3): number[] {
  let current = [...matrix];
  for (let step = 0; step < 64; step += 1) {
    const cofactors = cofactorMatrix(current);
    const det = current[0]! * cofactors[0]! + current[1]! * cofactors[1]! + current[2]! * cofactors[2]!;
    if (!(Math.abs(det) > 1e-9)) {
      throw new EisenError('GEOMETRY', 'the affine has no orientation: its voxel axes lie in one plane.', {
        found: `[${matrix.join(', ')}]`,
      });
    }
    const next = current.map((value, n) => (value + cofactors[n]! / det) / 2);
    const change = Math.max(...next.map((value, n) => Math.abs(value - current[n]!)));
    current = next;
    if (change < 1e-15) break;
  }
  return current;
}

function cofactorMatrix(m: Matrix3): number[] {
  const [a, b, c, d, e, f, g, h, i] = m as number[];
  return [
    ...[e! * i! - f! * h!, f! * g! - d! * i!, d! * h! - e! * g!],
    ...[c! * h! - b! * i!, a! * i! - c! * g!, b! * g! - a! * h!],
    ...[b! * f! - c! * e!, c! * d! - a! * f!, a! * e! - b! * d!],
  ];
}

/**
 * The orientation of the three voxel axes. The strongest axis chooses its world axis first, each world axis is given
 * once, as nibabel's io_orientation does. Throws GEOMETRY when the affine is flat.
 */
export function axisOrientations(affine: Affine): [AxisOrientation, AxisOrientation, AxisOrientation] {
  const rotation = nearestRotation(unitColumns(affine));
  const strength = (column: number): number =>
    Math.max(...[0, 1, 2].map((row) => Math.abs(matrixAt(rotation, row, column)) ** 2));
  const order = [0, 1, 2].sort((a, b) => strength(b) - strength(a) || a - b);
  const out: AxisOrientation[] = [];
  const taken = new Set<number>();
  for (const column of order) {
    const free = [0, 1, 2].filter((row) => !taken.has(row));
    const world = free.reduce((best, row) =>
      Math.abs(matrixAt(rotation, row, column)) > Math.abs(matrixAt(rotation, best, column)) ? row : best,
    ) as 0 | 1 | 2;
    taken.add(world);
    out[column] = { world, sign: matrixAt(rotation, world, column) < 0 ? -1 : 1 };
  }
  return [out[0]!, out[1]!, out[2]!];
}

function matrixAt(matrix: Matrix3, row: number, column: number): number {
  return matrix[row * 3 + column]!;
}

/** Three letters such as RAS or LPS: the direction in which each voxel index grows. */
export function axisCodes(affine: Affine): string {
  return axisOrientations(affine)
    .map(({ world, sign }) => LETTERS[world][sign > 0 ? 1 : 0])
    .join('');
}

/** Parses three letters of R/L, A/P, S/I in any order; throws GEOMETRY otherwise. */
export function parseAxisCodes(codes: string): [AxisOrientation, AxisOrientation, AxisOrientation] {
  const axes = [...codes.toUpperCase()].flatMap((letter): AxisOrientation[] => {
    const world = LETTERS.findIndex((pair) => (pair as readonly string[]).includes(letter));
    return world < 0 ? [] : [{ world: world as 0 | 1 | 2, sign: LETTERS[world]![1] === letter ? 1 : -1 }];
  });
  if (codes.length !== 3 || new Set(axes.map(({ world }) => world)).size !== 3) {
    throw new EisenError(
      'GEOMETRY',
      `'${codes}' is no orientation; expected three letters, one each of R/L, A/P, S/I.`,
      {
        expected: 'for example RAS, LPS, PIR',
        found: codes,
      },
    );
  }
  return [axes[0]!, axes[1]!, axes[2]!];
}
