import type { Geometry } from '../tensor/value.js';

const GRID_TOLERANCE_MM = 1e-3;

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
