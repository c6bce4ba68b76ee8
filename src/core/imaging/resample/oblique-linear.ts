import type { Affine } from '../../tensor/value.js';
import type { Vector } from '../affine.js';
import { createRowPlaces, type RowPlaces, type RowSampler, type Samples } from './row-sampler.js';

/**
 * Trilinear interpolation under any affine transform: eight terms in scipy's order, each multiplied axis by axis. It works
 * for the few volumes that the kernel cannot take, whose output planes each read too many planes of the source.
 */
export function createLinearSampler(
  source: Samples,
  target: { readonly shape: Vector; readonly toSource: Affine },
): RowSampler {
  const places = createRowPlaces(target.shape[0], target.toSource);
  return (y, z, row) => {
    places.moveTo(y, z);
    sampleRow(source, places, row);
    return true;
  };
}

/** 0 outside; a sample past the last would weigh nothing, so that the last stands for it. */
function sampleRow(source: Samples, places: RowPlaces, row: Float64Array): void {
  const { data, shape } = source;
  const { xs, ys, zs, start } = places;
  const nx = shape[0];
  const ny = shape[1];
  const nz = shape[2];
  const plane = nx * ny;
  for (let n = 0; n < row.length; n += 1) {
    const cx = xs[n]! + start[0]! + start[1]!;
    const cy = ys[n]! + start[2]! + start[3]!;
    const cz = zs[n]! + start[4]! + start[5]!;
    row[n] = 0;
    if (!(cx >= 0 && cy >= 0 && cz >= 0 && cx <= nx - 1 && cy <= ny - 1 && cz <= nz - 1)) continue;
    const x0 = cx | 0;
    const y0 = cy | 0;
    const z0 = cz | 0;
    const x1 = x0 + 1 < nx ? 1 : 0;
    const y1 = y0 + 1 < ny ? nx : 0;
    const z1 = z0 + 1 < nz ? plane : 0;
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
