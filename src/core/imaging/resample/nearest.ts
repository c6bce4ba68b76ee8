import { asWords } from '../../tensor/contiguous.js';
import type { TypedArray } from '../../tensor/dtype.js';
import type { Affine } from '../../tensor/value.js';
import type { Vector } from '../affine.js';
import { axisCoordinates, createTaps } from './axis-taps.js';
import { createRowPlaces, isDiagonal } from './row-sampler.js';

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

/** For each axis and output index the offset of the nearest source sample along it, or −1 when it is outside. */
function axisOffsets({ sourceShape, shape, toSource }: Target): [Int32Array, Int32Array, Int32Array] {
  const steps = [1, sourceShape[0], sourceShape[0] * sourceShape[1]];
  return ([0, 1, 2] as const).map((axis) => {
    const coordinates = axisCoordinates(shape[axis], toSource[axis * 5]!, toSource[axis * 4 + 3]!);
    const taps = createTaps(coordinates, sourceShape[axis], 0);
    return taps.index.map((index, n) => (taps.inside[n] ? index * steps[axis]! : -1));
  }) as [Int32Array, Int32Array, Int32Array];
}

function separableRows(target: Target): NearestRow {
  const [ix, iy, iz] = axisOffsets(target);
  return (y, z, row) => {
    const base = iy[y]! + iz[z]!;
    if (iy[y]! < 0 || iz[z]! < 0) row.fill(-1);
    else for (let x = 0; x < row.length; x += 1) row[x] = ix[x]! < 0 ? -1 : ix[x]! + base;
  };
}

function generalRows({ sourceShape, shape, toSource }: Target): NearestRow {
  const places = createRowPlaces(shape[0], toSource);
  const { xs, ys, zs, start } = places;
  const [nx, ny] = sourceShape;
  const [lastX, lastY, lastZ] = sourceShape.map((length) => length - 1) as [number, number, number];
  return (y, z, row) => {
    places.moveTo(y, z);
    const [xy, xz, yy, yz, zy, zz] = start as unknown as [number, number, number, number, number, number];
    for (let n = 0; n < row.length; n += 1) {
      const cx = xs[n]! + xy + xz;
      const cy = ys[n]! + yy + yz;
      const cz = zs[n]! + zy + zz;
      const inside = cx >= 0 && cy >= 0 && cz >= 0 && cx <= lastX && cy <= lastY && cz <= lastZ;
      // Inside, cutting is rounding down.
      row[n] = inside ? ((cx + 0.5) | 0) + nx * (((cy + 0.5) | 0) + ny * ((cz + 0.5) | 0)) : -1;
    }
  };
}

interface Copy {
  readonly from: TypedArray;
  readonly to: TypedArray;
}

/** Copies the nearest samples of one volume; outside becomes 0. `to` is all zero. */
export function copyNearest(target: Target, { from, to }: Copy): void {
  const copy = { from: asWords(from), to: asWords(to) };
  if (isDiagonal(target.toSource)) copySeparable(target, copy);
  else copyGeneral(target, copy);
}

function copyGeneral(target: Target, { from, to }: Copy): void {
  const { shape } = target;
  const rows = generalRows(target);
  const index = new Int32Array(shape[0]);
  let at = 0;
  for (let z = 0; z < shape[2]; z += 1) {
    for (let y = 0; y < shape[1]; y += 1, at += shape[0]) {
      rows(y, z, index);
      let first = 0;
      while (first < index.length && index[first]! < 0) first += 1;
      let end = index.length;
      while (end > first && index[end - 1]! < 0) end -= 1;
      // Coordinates rise or fall along a row, so that what is inside is one run.
      gather({ from, to }, { index, first, end, base: 0, at });
    }
  }
}

/** Rows and planes that repeat the one before, as enlarging makes them, are copied as a whole. */
function copySeparable(target: Target, { from, to }: Copy): void {
  const [width, height, depth] = target.shape;
  const [ix, iy, iz] = axisOffsets(target);
  const first = ix.findIndex((index) => index >= 0);
  const end = ix.findLastIndex((index) => index >= 0) + 1;
  if (first < 0) return;
  const whole = ix.subarray(first, end).every((index, n) => index === ix[first]! + n);
  for (let z = 0; z < depth; z += 1) {
    const plane = z * width * height;
    if (iz[z]! < 0) continue;
    if (z > 0 && iz[z] === iz[z - 1]) {
      to.copyWithin(plane, plane - width * height, plane);
      continue;
    }
    for (let y = 0; y < height; y += 1) {
      const at = plane + y * width;
      const base = iy[y]! + iz[z]!;
      if (iy[y]! < 0) continue;
      if (y > 0 && iy[y] === iy[y - 1]) to.copyWithin(at, at - width, at);
      else if (whole) {
        const start = base + ix[first]!;
        to.set(from.subarray(start, start + end - first) as never, at + first);
      } else gather({ from, to }, { index: ix, first, end, base, at });
    }
  }
}

interface Run {
  readonly index: Int32Array;
  readonly first: number;
  readonly end: number;
  readonly base: number;
  readonly at: number;
}

function gather({ from, to }: Copy, { index, first, end, base, at }: Run): void {
  for (let x = first; x < end; x += 1) to[at + x] = from[base + index[x]!]!;
}
