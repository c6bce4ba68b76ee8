import { asWords } from '../../tensor/contiguous.js';
import type { TypedArray } from '../../tensor/dtype.js';
import type { Affine } from '../../tensor/value.js';
import type { Vector } from '../affine.js';
import { createLayout, MOST_KERNEL_BYTES, openResampleKernels } from '../kernels/resample-kernels.js';
import { axisCoordinates, createTaps } from './axis-taps.js';
import { createRowPlaces, isDiagonal } from './row-sampler.js';
import { resampleSlantNearest } from './slant.js';

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
export function copyNearest(target: Target, copy: Copy, mostBytes = MOST_KERNEL_BYTES): void {
  if (isDiagonal(target.toSource)) {
    if (copySeparable(target, copy, mostBytes)) return;
  } else if (resampleSlantNearest(target, copy, mostBytes)) return;
  copyByRows(target, { from: asWords(copy.from), to: asWords(copy.to) });
}

/** Past the memory that kernels may take: one row of indices at a time, for any transform. */
function copyByRows(target: Target, { from, to }: Copy): void {
  const { shape } = target;
  const rows = createNearestRows(target);
  const index = new Int32Array(shape[0]);
  let at = 0;
  for (let z = 0; z < shape[2]; z += 1) {
    for (let y = 0; y < shape[1]; y += 1, at += shape[0]) {
      rows(y, z, index);
      for (let x = 0; x < index.length; x += 1) if (index[x]! >= 0) to[at + x] = from[index[x]!]!;
    }
  }
}

/** Plane by plane; one that repeats the plane before, as enlarging makes them, is copied as a whole. */
function copySeparable(target: Target, copy: Copy, mostBytes: number): boolean {
  const [width, height, depth] = target.shape;
  const [nx, ny] = target.sourceShape;
  const bytes = copy.from.BYTES_PER_ELEMENT;
  const layout = createLayout();
  const place = { index: layout.take(width * 4), rows: layout.take(height * 4), source: layout.take(nx * ny * bytes) };
  const jobAt = layout.take(36);
  const outAt = layout.take(width * height * bytes);
  if (layout.bytes > mostBytes) return false;
  const [ix, iy, iz] = axisOffsets(target);
  const first = ix.findIndex((index) => index >= 0);
  if (first < 0) return true;
  const end = ix.findLastIndex((index) => index >= 0) + 1;
  const kernels = openResampleKernels(layout.bytes);
  const heap = kernels.memory.buffer;
  new Int32Array(heap, place.index, width).set(ix);
  new Int32Array(heap, place.rows, height).set(iy);
  const from = asWords(copy.from);
  const to = asWords(copy.to);
  const Words = from.constructor as Int16ArrayConstructor;
  const source = new Words(heap, place.source, nx * ny);
  const plane = new Words(heap, outAt, width * height);
  // The fields of GatherJob in assembly/resample/gather-plane.ts.
  const job = [bytes, place.source, place.index, first, end, place.rows, width, height, outAt];
  new Int32Array(heap, jobAt, job.length).set(job);
  for (let z = 0; z < depth; z += 1) {
    if (iz[z]! < 0) continue;
    if (z === 0 || iz[z] !== iz[z - 1]) {
      source.set(from.subarray(iz[z]!, iz[z]! + nx * ny) as never);
      kernels.gatherPlane(jobAt);
    }
    to.set(plane as never, z * width * height);
  }
  return true;
}
