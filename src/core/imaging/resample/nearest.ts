import { asWords } from '../../tensor/contiguous.js';
import type { TypedArray } from '../../tensor/dtype.js';
import type { Affine } from '../../tensor/value.js';
import type { Vector } from '../affine.js';
import { axisCoordinates, createTaps } from './axis-taps.js';
import { createRowCoordinates, isDiagonal } from './row-sampler.js';

/** Writes, for each x of an output row, the source index of the nearest sample, or −1 when it is outside. */
export type NearestRow = (y: number, z: number, row: Int32Array) => void;

interface Target {
  readonly sourceShape: Vector;
  readonly shape: Vector;
  readonly toSource: Affine;
}

/** Nearest samples (ties go up) under an affine transform; a coordinate outside the outermost centres is outside. */
export function createNearestRows(target: Target): NearestRow {
  return isDiagonal(target.toSource) ? separableRows(target) : generalRows(target);
}

function separableRows({ sourceShape, shape, toSource }: Target): NearestRow {
  const steps = [1, sourceShape[0], sourceShape[0] * sourceShape[1]];
  const [ix, iy, iz] = ([0, 1, 2] as const).map((axis) => {
    const coordinates = axisCoordinates(shape[axis], toSource[axis * 5]!, toSource[axis * 4 + 3]!);
    const taps = createTaps(coordinates, sourceShape[axis], 0);
    return taps.index.map((index, n) => (taps.inside[n] ? index * steps[axis]! : -1));
  }) as [Int32Array, Int32Array, Int32Array];
  return (y, z, row) => {
    const base = iy[y]! + iz[z]!;
    if (iy[y]! < 0 || iz[z]! < 0) row.fill(-1);
    else for (let x = 0; x < row.length; x += 1) row[x] = ix[x]! < 0 ? -1 : ix[x]! + base;
  };
}

function generalRows({ sourceShape, shape, toSource }: Target): NearestRow {
  const place = createRowCoordinates(toSource);
  const [xs, ys, zs] = [new Float64Array(shape[0]), new Float64Array(shape[0]), new Float64Array(shape[0])];
  const [nx, ny, nz] = sourceShape;
  return (y, z, row) => {
    place(y, z, [xs, ys, zs]);
    for (let n = 0; n < row.length; n += 1) {
      const [cx, cy, cz] = [xs[n]!, ys[n]!, zs[n]!];
      const inside = cx >= 0 && cy >= 0 && cz >= 0 && cx <= nx - 1 && cy <= ny - 1 && cz <= nz - 1;
      row[n] = inside ? Math.floor(cx + 0.5) + nx * (Math.floor(cy + 0.5) + ny * Math.floor(cz + 0.5)) : -1;
    }
  };
}

/** Copies the nearest samples of one volume; outside becomes 0. */
export function copyNearest(rows: NearestRow, shape: Vector, { from, to }: { from: TypedArray; to: TypedArray }): void {
  const index = new Int32Array(shape[0]);
  const source = asWords(from);
  const out = asWords(to);
  let at = 0;
  for (let z = 0; z < shape[2]; z += 1) {
    for (let y = 0; y < shape[1]; y += 1, at += shape[0]) {
      rows(y, z, index);
      for (let x = 0; x < index.length; x += 1) if (index[x]! >= 0) out[at + x] = source[index[x]!]!;
    }
  }
}
