import type { Affine } from '../../tensor/value.js';
import type { Vector } from '../affine.js';
import { createRowPlaces, type RowPlaces, type RowSampler, type Samples } from './row-sampler.js';

/** Trilinear interpolation under any affine transform: eight terms in scipy's order, each multiplied axis by axis. */
export function createLinearSampler(
  source: Samples,
  target: { readonly shape: Vector; readonly toSource: Affine },
): RowSampler {
  const places = createRowPlaces(target.shape[0], target.toSource);
  return (y, z, row) => {
    places.moveTo(y, z);
    const { first, end } = findInner(places, source.shape);
    sampleEdge({ source, places, row }, 0, first);
    sampleInner({ source, places, row }, first, end);
    sampleEdge({ source, places, row }, end, row.length);
    return true;
  };
}

/**
 * The columns whose eight neighbours all lie in the source. Each coordinate rises or falls along a row, rounding
 * included, so that these columns are one run.
 */
function findInner({ xs, ys, zs, start }: RowPlaces, shape: Vector): { first: number; end: number } {
  const isInner = (n: number): boolean => {
    const cx = xs[n]! + start[0]! + start[1]!;
    const cy = ys[n]! + start[2]! + start[3]!;
    const cz = zs[n]! + start[4]! + start[5]!;
    return cx >= 0 && cy >= 0 && cz >= 0 && cx < shape[0] - 1 && cy < shape[1] - 1 && cz < shape[2] - 1;
  };
  let first = 0;
  while (first < xs.length && !isInner(first)) first += 1;
  let end = xs.length;
  while (end > first && !isInner(end - 1)) end -= 1;
  return { first, end };
}

interface Row {
  readonly source: Samples;
  readonly places: RowPlaces;
  readonly row: Float64Array;
}

function sampleInner({ source, places, row }: Row, first: number, end: number): void {
  const { data, shape } = source;
  const { xs, ys, zs, start } = places;
  const nx = shape[0];
  const plane = nx * shape[1];
  const xy = start[0]!;
  const xz = start[1]!;
  const yy = start[2]!;
  const yz = start[3]!;
  const zy = start[4]!;
  const zz = start[5]!;
  for (let n = first; n < end; n += 1) {
    const cx = xs[n]! + xy + xz;
    const cy = ys[n]! + yy + yz;
    const cz = zs[n]! + zy + zz;
    const x0 = cx | 0;
    const y0 = cy | 0;
    const z0 = cz | 0;
    const wx0 = 1 - (cx - x0);
    const wy0 = 1 - (cy - y0);
    const wz0 = 1 - (cz - z0);
    const wx1 = 1 - wx0;
    const wy1 = 1 - wy0;
    const wz1 = 1 - wz0;
    const at = x0 + y0 * nx + z0 * plane;
    const far = at + plane;
    let sum = 0;
    sum += data[at]! * wx0 * wy0 * wz0;
    sum += data[far]! * wx0 * wy0 * wz1;
    sum += data[at + nx]! * wx0 * wy1 * wz0;
    sum += data[far + nx]! * wx0 * wy1 * wz1;
    sum += data[at + 1]! * wx1 * wy0 * wz0;
    sum += data[far + 1]! * wx1 * wy0 * wz1;
    sum += data[at + nx + 1]! * wx1 * wy1 * wz0;
    sum += data[far + nx + 1]! * wx1 * wy1 * wz1;
    row[n] = sum;
  }
}

/** Columns at or past the border: 0 outside; a neighbour past the last sample weighs nothing and is read mirrored. */
function sampleEdge({ source, places, row }: Row, first: number, end: number): void {
  const { data, shape } = source;
  const { xs, ys, zs, start } = places;
  const nx = shape[0];
  const ny = shape[1];
  const nz = shape[2];
  const plane = nx * ny;
  for (let n = first; n < end; n += 1) {
    const cx = xs[n]! + start[0]! + start[1]!;
    const cy = ys[n]! + start[2]! + start[3]!;
    const cz = zs[n]! + start[4]! + start[5]!;
    row[n] = 0;
    if (!(cx >= 0 && cy >= 0 && cz >= 0 && cx <= nx - 1 && cy <= ny - 1 && cz <= nz - 1)) continue;
    const x0 = Math.floor(cx);
    const y0 = Math.floor(cy);
    const z0 = Math.floor(cz);
    const x1 = x0 + 1 < nx ? 1 : nx > 1 ? -1 : 0;
    const y1 = y0 + 1 < ny ? nx : ny > 1 ? -nx : 0;
    const z1 = z0 + 1 < nz ? plane : nz > 1 ? -plane : 0;
    const wx0 = 1 - (cx - x0);
    const wy0 = 1 - (cy - y0);
    const wz0 = 1 - (cz - z0);
    const wx1 = 1 - wx0;
    const wy1 = 1 - wy0;
    const wz1 = 1 - wz0;
    const at = x0 + y0 * nx + z0 * plane;
    let sum = 0;
    sum += data[at]! * wx0 * wy0 * wz0;
    sum += data[at + z1]! * wx0 * wy0 * wz1;
    sum += data[at + y1]! * wx0 * wy1 * wz0;
    sum += data[at + y1 + z1]! * wx0 * wy1 * wz1;
    sum += data[at + x1]! * wx1 * wy0 * wz0;
    sum += data[at + x1 + z1]! * wx1 * wy0 * wz1;
    sum += data[at + x1 + y1]! * wx1 * wy1 * wz0;
    sum += data[at + x1 + y1 + z1]! * wx1 * wy1 * wz1;
    row[n] = sum;
  }
}
