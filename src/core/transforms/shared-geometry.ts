import { applyAffine, type Vector } from '../imaging/affine.js';
import type { Affine, Geometry } from '../tensor/value.js';

const GRID_TOLERANCE_MM = 1e-3;
const CORNERS = Array.from({ length: 8 }, (_, n): Vector => [n & 1, (n >> 1) & 1, n >> 2]);

/** The geometry that all share within 0.001 mm, that of the first; none when one is unknown or lies apart. */
export function sharedGeometry(geometries: readonly (Geometry | undefined)[]): Geometry | undefined {
  const [first] = geometries;
  if (first === undefined) return undefined;
  const same = geometries.every(
    (other) =>
      other?.spatialAxes.every((axis, n) => axis === first.spatialAxes[n]) &&
      other.affine.every((entry, n) => Math.abs(entry - first.affine[n]!) <= GRID_TOLERANCE_MM),
  );
  return same ? first : undefined;
}

/** Where voxels lie, and how many there are along i, j and k. */
export interface PlacedGrid {
  readonly affine: Affine;
  readonly shape: Vector;
}

/** Whether two grids have as many voxels and no corner lies further than 0.001 mm apart: equal but for rounded decimals. */
export function gridsCoincide(one: PlacedGrid, other: PlacedGrid): boolean {
  if (one.shape.some((length, n) => length !== other.shape[n])) return false;
  return CORNERS.every((corner) => {
    const voxel = corner.map((end, n) => end * (one.shape[n]! - 1)) as [number, number, number];
    const [a, b] = [applyAffine(one.affine, voxel), applyAffine(other.affine, voxel)];
    return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) <= GRID_TOLERANCE_MM;
  });
}
