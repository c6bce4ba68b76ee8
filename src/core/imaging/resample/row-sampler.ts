import type { Affine } from '../../tensor/value.js';
import type { Vector } from '../affine.js';
import { type AxisTaps, axisCoordinates, createTaps, mirrorIndex, type Order, writeWeights } from './axis-taps.js';

/** Source samples, x fastest. */
export interface Samples {
  readonly data: Float32Array | Float64Array | Int16Array | Uint8Array;
  readonly shape: Vector;
}

/** Computes one output row (all x at this y and z) as float64; false when the whole row is outside. */
export type RowSampler = (y: number, z: number, row: Float64Array) => boolean;

export function isDiagonal(matrix: Affine): boolean {
  return [1, 2, 4, 6, 8, 9].every((n) => matrix[n] === 0);
}

/**
 * Spline interpolation of any order for a diagonal transform: the taps of each axis are computed once. The sum runs over
 * the taps with the last axis fastest, each term multiplied axis by axis, as scipy sums.
 */
export function createSeparableSampler(
  source: Samples,
  target: { readonly shape: Vector; readonly toSource: Affine; readonly order: Order },
): RowSampler {
  const [tx, ty, tz] = ([0, 1, 2] as const).map((axis) => {
    const coordinates = axisCoordinates(
      ...([target.shape[axis], target.toSource[axis * 5]!, target.toSource[axis * 4 + 3]!] as const),
    );
    return createTaps(coordinates, source.shape[axis], target.order);
  }) as [AxisTaps, AxisTaps, AxisTaps];
  const { data } = source;
  const stepY = source.shape[0];
  const stepZ = source.shape[0] * source.shape[1];
  const width = target.order + 1;
  return (y, z, row) => {
    if (!ty.inside[y] || !tz.inside[z]) return false;
    for (let x = 0; x < row.length; x += 1) {
      let sum = 0;
      for (let a = x * width; a < x * width + width; a += 1) {
        for (let b = y * width; b < y * width + width; b += 1) {
          const base = tx.index[a]! + ty.index[b]! * stepY;
          for (let c = z * width; c < z * width + width; c += 1) {
            sum += data[base + tz.index[c]! * stepZ]! * tx.weight[a]! * ty.weight[b]! * tz.weight[c]!;
          }
        }
      }
      row[x] = tx.inside[x] ? sum : 0;
    }
    return true;
  };
}

/** Coordinates of one output row under a full 3×4 transform, summed in scipy's order. */
export function createRowCoordinates(
  m: Affine,
): (y: number, z: number, out: [Float64Array, Float64Array, Float64Array]) => void {
  return (y, z, out) => {
    for (let axis = 0; axis < 3; axis += 1) {
      const coordinates = out[axis]!;
      const [mx, my, mz, offset] = [m[axis * 4]!, m[axis * 4 + 1]! * y, m[axis * 4 + 2]! * z, m[axis * 4 + 3]!];
      for (let x = 0; x < coordinates.length; x += 1) coordinates[x] = offset + x * mx + my + mz;
    }
  };
}

/** Cubic interpolation under any affine transform. */
export function createCubicSampler(
  source: Samples,
  target: { readonly shape: Vector; readonly toSource: Affine },
): RowSampler {
  const place = createRowCoordinates(target.toSource);
  const length = target.shape[0];
  const at: [Float64Array, Float64Array, Float64Array] = [
    new Float64Array(length),
    new Float64Array(length),
    new Float64Array(length),
  ];
  const weights = new Float64Array(12);
  const index = new Int32Array(12);
  const { data, shape } = source;
  const steps = [1, shape[0], shape[0] * shape[1]];
  return (y, z, row) => {
    place(y, z, at);
    for (let x = 0; x < row.length; x += 1) {
      row[x] = 0;
      let inside = true;
      for (let axis = 0; axis < 3; axis += 1) {
        const c = at[axis]![x]!;
        if (!(c >= 0 && c <= shape[axis]! - 1)) inside = false;
        const start = Math.floor(c) - 1;
        for (let tap = 0; tap < 4; tap += 1)
          index[axis * 4 + tap] = mirrorIndex(start + tap, shape[axis]!) * steps[axis]!;
        writeWeights(weights, axis * 4, { at: c, order: 3 });
      }
      if (!inside) continue;
      let sum = 0;
      for (let a = 0; a < 4; a += 1) {
        for (let b = 4; b < 8; b += 1) {
          for (let c = 8; c < 12; c += 1) {
            sum += data[index[a]! + index[b]! + index[c]!]! * weights[a]! * weights[b]! * weights[c]!;
          }
        }
      }
      row[x] = sum;
    }
    return true;
  };
}

/** Trilinear interpolation under any affine transform. */
export function createLinearSampler(
  source: Samples,
  target: { readonly shape: Vector; readonly toSource: Affine },
): RowSampler {
  const place = createRowCoordinates(target.toSource);
  const length = target.shape[0];
  const xs = new Float64Array(length);
  const ys = new Float64Array(length);
  const zs = new Float64Array(length);
  const { data, shape } = source;
  const [nx, ny, nz] = shape;
  const plane = nx * ny;
  return (y, z, row) => {
    place(y, z, [xs, ys, zs]);
    for (let n = 0; n < row.length; n += 1) {
      const cx = xs[n]!;
      const cy = ys[n]!;
      const cz = zs[n]!;
      if (!(cx >= 0 && cy >= 0 && cz >= 0 && cx <= nx - 1 && cy <= ny - 1 && cz <= nz - 1)) {
        row[n] = 0;
        continue;
      }
      const x0 = Math.floor(cx);
      const y0 = Math.floor(cy);
      const z0 = Math.floor(cz);
      const wx0 = 1 - (cx - x0);
      const wy0 = 1 - (cy - y0);
      const wz0 = 1 - (cz - z0);
      const wx1 = 1 - wx0;
      const wy1 = 1 - wy0;
      const wz1 = 1 - wz0;
      // Past the last sample the weight is zero, but the sample is still read: mirrored, as scipy does.
      const ax = x0 + 1 < nx ? 1 : nx > 1 ? -1 : 0;
      const ay = y0 + 1 < ny ? nx : ny > 1 ? -nx : 0;
      const az = z0 + 1 < nz ? plane : nz > 1 ? -plane : 0;
      const at = x0 + y0 * nx + z0 * plane;
      let sum = 0;
      sum += data[at]! * wx0 * wy0 * wz0;
      sum += data[at + az]! * wx0 * wy0 * wz1;
      sum += data[at + ay]! * wx0 * wy1 * wz0;
      sum += data[at + ay + az]! * wx0 * wy1 * wz1;
      sum += data[at + ax]! * wx1 * wy0 * wz0;
      sum += data[at + ax + az]! * wx1 * wy0 * wz1;
      sum += data[at + ax + ay]! * wx1 * wy1 * wz0;
      sum += data[at + ax + ay + az]! * wx1 * wy1 * wz1;
      row[n] = sum;
    }
    return true;
  };
}
