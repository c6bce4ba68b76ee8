import type { DType, TypedArray } from '../../tensor/dtype.js';
import type { Affine } from '../../tensor/value.js';
import type { Vector } from '../affine.js';
import { createLayout, MOST_KERNEL_BYTES, openResampleKernels } from '../kernels/resample-kernels.js';
import { type AxisTaps, axisCoordinates, createTaps } from './axis-taps.js';
import { createBandStore, placeBand, rowsPerBand } from './band-store.js';
import { kernelSamplesOf, type PlainSamples } from './source-samples.js';
import type { Range } from './store.js';

export interface LinearJob {
  readonly data: PlainSamples;
  /** What `data` holds. */
  readonly dtype: DType;
  readonly sourceShape: Vector;
  readonly shape: Vector;
  readonly toSource: Affine;
  /** All zero. */
  readonly out: TypedArray;
  readonly outDType: DType;
  readonly range: Range;
}

/**
 * Trilinear interpolation under a diagonal transform, the same sum in the same order as the general sampler. The products
 * of a source row with the weights along x serve every output row that touches it, so they are kept for two planes.
 * False, with nothing done, when that would take more than `mostBytes`.
 */
export function resampleSeparableLinear(job: LinearJob, mostBytes = MOST_KERNEL_BYTES): boolean {
  const { data, dtype, sourceShape, shape } = job;
  const [nx, ny] = sourceShape;
  const [width, height, depth] = shape;
  const [tx, ty, tz] = ([0, 1, 2] as const).map((axis) =>
    createTaps(
      axisCoordinates(shape[axis], job.toSource[axis * 5]!, job.toSource[axis * 4 + 3]!),
      sourceShape[axis],
      1,
    ),
  ) as [AxisTaps, AxisTaps, AxisTaps];
  const even = width + (width & 1);
  const Samples = kernelSamplesOf(dtype);
  const bytes = Samples.BYTES_PER_ELEMENT;
  const layout = createLayout();
  const place = {
    job: layout.take(48),
    index: layout.take(even * 8),
    weight: layout.take(even * 16),
    yIndex: layout.take(height * 8),
    yWeight: layout.take(height * 16),
    used: layout.take(ny),
    plane: layout.take(nx * ny * bytes),
    band: placeBand(layout, width),
    weighed: [layout.take(ny * even * 16), layout.take(ny * even * 16)] as const,
  };
  if (layout.bytes > mostBytes) return false;
  const kernels = openResampleKernels(layout.bytes);
  const heap = kernels.memory.buffer;
  const columns = splitTaps(tx, even);
  new Int32Array(heap, place.index, even * 2).set(columns.index);
  new Float64Array(heap, place.weight, even * 2).set(columns.weight);
  const rows = new Int32Array(heap, place.yIndex, height * 2);
  rows.set(ty.index);
  ty.inside.forEach((inside, y) => {
    if (!inside) rows[2 * y] = -1;
  });
  new Float64Array(heap, place.yWeight, height * 2).set(ty.weight);
  const used = new Uint8Array(heap, place.used, ny).fill(0);
  for (const row of ty.index) used[row] = 1;
  const raw = new Samples(heap, place.plane, nx * ny);
  // The fields of LinearJob in assembly/resample/mix-plane.ts.
  new Int32Array(heap, place.job, 12).set([
    ...[bytes, place.plane, nx, ny, place.used, place.index, place.weight, even],
    ...[place.yIndex, place.yWeight, width, place.band.at],
  ]);
  /** Source plane whose weighed rows lie in each slot; neighbours differ in parity, so two slots never collide. */
  const held = [-1, -1];
  const weighed = (z: number): number => {
    const slot = z & 1;
    const at = place.weighed[slot]!;
    if (held[slot] !== z) {
      raw.set(data.subarray(z * nx * ny, (z + 1) * nx * ny));
      kernels.weighPlane(place.job, at);
      held[slot] = z;
    }
    return at;
  };
  const store = createBandStore(kernels, place.band, { out: job.out, dtype: job.outDType, range: job.range });
  const step = rowsPerBand(width);
  for (let z = 0; z < depth; z += 1) {
    const at = z * width * height;
    if (!tz.inside[z]) {
      // The output is all zero from the start; a source without any number leaves numpy's clip no bounds.
      if (Number.isNaN(job.range.low)) job.out.fill(Number.NaN as never, at, at + width * height);
      continue;
    }
    const near = weighed(tz.index[2 * z]!);
    const far = weighed(tz.index[2 * z + 1]!);
    const [near1, far1] = [tz.weight[2 * z]!, tz.weight[2 * z + 1]!];
    for (let y = 0; y < height; y += step) {
      const end = Math.min(y + step, height);
      kernels.mixPlane(place.job, near, far, near1, far1, y, end);
      store((end - y) * width, at + y * width);
    }
  }
  return true;
}

/** Taps of an axis with an even number of entries, the kernel's pairs of columns: all first ones, then all second ones. */
function splitTaps(taps: AxisTaps, even: number) {
  const index = new Int32Array(even * 2);
  const weight = new Float64Array(even * 2);
  taps.inside.forEach((_, n) => {
    for (const side of [0, 1]) {
      index[side * even + n] = taps.index[2 * n + side]!;
      weight[side * even + n] = taps.weight[2 * n + side]!;
    }
  });
  return { index, weight };
}
