import { flipAxis, transpose } from '../../tensor/layout.js';
import type { NdArray } from '../../tensor/ndarray.js';
import type { Affine } from '../../tensor/value.js';
import { takeRegion } from '../region.js';

/** Voxels of one grid that are voxels of another: axis by axis which source axis, in which sense, from which index. */
export interface LatticeMap {
  readonly axes: readonly { readonly source: number; readonly sign: 1 | -1; readonly shift: number }[];
}

const TURN_TOLERANCE = 1e-6;
const SHIFT_TOLERANCE = 1e-3;

/**
 * The lattice map of an index map (result voxel to source voxel), or undefined when voxels do not fall on voxels. Shifts
 * are found through products of large millimetre values: a thousandth of a voxel is round-off, not a resampling.
 */
export function findLattice(matrix: Affine): LatticeMap | undefined {
  const axes: { source: number; sign: 1 | -1; shift: number }[] = [];
  for (let column = 0; column < 3; column += 1) {
    const rows = [0, 1, 2].filter((row) => Math.abs(matrix[row * 4 + column]!) > TURN_TOLERANCE);
    const [source] = rows;
    if (source === undefined || rows.length !== 1 || axes.some((axis) => axis.source === source)) return undefined;
    const turn = matrix[source * 4 + column]!;
    const shift = matrix[source * 4 + 3]!;
    const whole = Math.round(shift);
    if (Math.abs(Math.abs(turn) - 1) > TURN_TOLERANCE || Math.abs(shift - whole) > SHIFT_TOLERANCE) return undefined;
    axes.push({ source, sign: turn < 0 ? -1 : 1, shift: whole + 0 });
  }
  return { axes };
}

/** The voxels of a lattice map: flips, a permutation and a region, nothing interpolated; `fill` where there is no voxel. */
export function takeLattice(
  volume: NdArray,
  { axes }: LatticeMap,
  { shape, fill }: { shape: readonly [number, number, number]; fill: number },
): NdArray {
  const turned = transpose(
    axes.reduce((view, { source, sign }) => (sign < 0 ? flipAxis(view, source) : view), volume),
    axes.map(({ source }) => source),
  );
  // After a flip source index shift - n is index (length - 1 - shift) + n.
  const start = axes.map(({ sign, shift }, axis) => (sign < 0 ? turned.shape[axis]! - 1 - shift : shift));
  return takeRegion(turned, { start, size: shape }, fill);
}
