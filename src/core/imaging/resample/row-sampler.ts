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

/** Where the columns of one output row lie in the source, as sums that are finished by three additions of scipy's order. */
export interface RowPlaces {
  /** Offset plus the share of x, the same in every row. */
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly zs: Float64Array;
  /** What the row's y and then z add to each of the three coordinates. */
  readonly start: Float64Array;
  moveTo(y: number, z: number): void;
}

/** Places under a full 3×4 transform: coordinate = ((offset + x·mx) + y·my) + z·mz. */
export function createRowPlaces(length: number, m: Affine): RowPlaces {
  const along = (axis: number): Float64Array =>
    Float64Array.from({ length }, (_, x) => m[axis * 4 + 3]! + x * m[axis * 4]!);
  const start = new Float64Array(6);
  return {
    xs: along(0),
    ys: along(1),
    zs: along(2),
    start,
    moveTo(y, z) {
      for (let axis = 0; axis < 3; axis += 1) {
        start[2 * axis] = m[axis * 4 + 1]! * y;
        start[2 * axis + 1] = m[axis * 4 + 2]! * z;
      }
    },
  };
}

/** Cubic interpolation under any affine transform. */
export function createCubicSampler(
  source: Samples,
  target: { readonly shape: Vector; readonly toSource: Affine },
): RowSampler {
  const places = createRowPlaces(target.shape[0], target.toSource);
  const { start } = places;
  const along = [places.xs, places.ys, places.zs];
  const weights = new Float64Array(12);
  const index = new Int32Array(12);
  const { data, shape } = source;
  const steps = [1, shape[0], shape[0] * shape[1]];
  return (y, z, row) => {
    places.moveTo(y, z);
    for (let x = 0; x < row.length; x += 1) {
      row[x] = 0;
      let inside = true;
      for (let axis = 0; axis < 3; axis += 1) {
        const c = along[axis]![x]! + start[2 * axis]! + start[2 * axis + 1]!;
        if (!(c >= 0 && c <= shape[axis]! - 1)) inside = false;
        const first = Math.floor(c) - 1;
        for (let tap = 0; tap < 4; tap += 1)
          index[axis * 4 + tap] = mirrorIndex(first + tap, shape[axis]!) * steps[axis]!;
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
