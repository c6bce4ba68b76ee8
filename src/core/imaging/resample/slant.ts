import { asWords } from '../../tensor/contiguous.js';
import type { TypedArray } from '../../tensor/dtype.js';
import type { Affine } from '../../tensor/value.js';
import type { Vector } from '../affine.js';
import { createLayout, openResampleKernels, type ResampleKernels } from '../kernels/resample-kernels.js';
import { createBandStore, placeBand, rowsPerBand } from './band-store.js';
import { createRowPlaces } from './row-sampler.js';
import type { LinearJob } from './separable-linear.js';
import { planSlabs, type Slab } from './slab.js';
import { sampleKindOf } from './source-samples.js';

interface Grids {
  readonly sourceShape: Vector;
  readonly shape: Vector;
  readonly toSource: Affine;
}

/** The share of x of each output column in its three source coordinates, as the kernels read it: rows of even length. */
function writePlaces(heap: ArrayBuffer, at: number, { shape, toSource }: Grids): void {
  const even = shape[0] + (shape[0] & 1);
  const { xs, ys, zs } = createRowPlaces(shape[0], toSource);
  const places = new Float64Array(heap, at, 3 * even);
  [xs, ys, zs].forEach((column, axis) => {
    places.set(column, axis * even);
  });
}

interface Band {
  readonly z: number;
  readonly y: number;
  readonly rows: number;
}

interface Run {
  readonly slabs: readonly Slab[];
  /** Puts source planes into kernel memory; gives where plane 0 would lie. */
  load(slab: Slab): number;
  compute(source: number, band: Band): void;
}

function runSlabs({ shape }: Grids, { slabs, load, compute }: Run): void {
  const step = rowsPerBand(shape[0]);
  for (const slab of slabs) {
    const source = load(slab);
    for (let z = slab.from; z < slab.to; z += 1)
      for (let y = 0; y < shape[1]; y += step) compute(source, { z, y, rows: Math.min(step, shape[1] - y) });
  }
}

/**
 * Trilinear interpolation under any affine transform, eight terms in scipy's order. The source passes through the memory
 * of the kernel in slabs; false, with nothing done, when one would take more than `mostBytes`.
 */
export function resampleSlantLinear(job: LinearJob, mostBytes?: number): boolean {
  const { data, dtype, sourceShape, shape, toSource: m } = job;
  const [nx, ny, nz] = sourceShape;
  const kind = sampleKindOf(dtype);
  const plan = planSlabs({ ...job, planeBytes: nx * ny * kind.bytes, mostBytes });
  if (!plan) return false;
  const width = shape[0];
  const even = width + (width & 1);
  const layout = createLayout();
  const placesAt = layout.take(even * 24);
  const band = placeBand(layout, width);
  const sourceAt = layout.take(plan.planes * nx * ny * kind.bytes);
  const kernels = openResampleKernels(layout.bytes);
  const heap = kernels.memory.buffer;
  writePlaces(heap, placesAt, job);
  const slant = kind.slant(kernels);
  const store = createBandStore(kernels, band, { out: job.out, dtype: job.outDType, range: job.range });
  const view = kind.view(heap, sourceAt, plan.planes * nx * ny);
  runSlabs(job, {
    slabs: plan.slabs,
    load: ({ low, high }) => {
      view.set(data.subarray(low * nx * ny, (high + 1) * nx * ny));
      return sourceAt - low * nx * ny * kind.bytes;
    },
    compute: (source, { z, y, rows }) => {
      const start = [m[2]! * z, m[6]! * z, m[10]! * z] as const;
      slant(
        ...([source, nx, ny, nz, placesAt, even, y, rows, m[1]!, m[5]!, m[9]!] as const),
        ...([...start, width, band.at] as const),
      );
      store(rows * width, (z * shape[1] + y) * width);
    },
  });
  return true;
}

function nearestKernel(kernels: ResampleKernels, bytes: number): ResampleKernels['slantNearest8'] {
  if (bytes === 1) return kernels.slantNearest8;
  if (bytes === 2) return kernels.slantNearest16;
  return bytes === 4 ? kernels.slantNearest32 : kernels.slantNearest64;
}

/** The nearest sample under any affine transform, ties going up, 0 outside; words are moved whatever they mean. */
export function resampleSlantNearest(
  grids: Grids,
  { from, to }: { readonly from: TypedArray; readonly to: TypedArray },
  mostBytes?: number,
): boolean {
  const { sourceShape, shape, toSource: m } = grids;
  const [nx, ny, nz] = sourceShape;
  const bytes = from.BYTES_PER_ELEMENT;
  const plan = planSlabs({ ...grids, planeBytes: nx * ny * bytes, mostBytes });
  if (!plan) return false;
  const width = shape[0];
  const even = width + (width & 1);
  const layout = createLayout();
  const placesAt = layout.take(even * 24);
  const bandAt = layout.take(rowsPerBand(width) * width * bytes);
  const sourceAt = layout.take(plan.planes * nx * ny * bytes);
  const kernels = openResampleKernels(layout.bytes);
  const heap = kernels.memory.buffer;
  writePlaces(heap, placesAt, grids);
  const slant = nearestKernel(kernels, bytes);
  const source = asWords(from);
  const out = asWords(to);
  const Words = source.constructor as Int16ArrayConstructor;
  const view = new Words(heap, sourceAt, plan.planes * nx * ny);
  const band = new Words(heap, bandAt, rowsPerBand(width) * width);
  runSlabs(grids, {
    slabs: plan.slabs,
    load: ({ low, high }) => {
      view.set(source.subarray(low * nx * ny, (high + 1) * nx * ny) as never);
      return sourceAt - low * nx * ny * bytes;
    },
    compute: (at, { z, y, rows }) => {
      const start = [m[2]! * z, m[6]! * z, m[10]! * z] as const;
      slant(
        ...([at, nx, ny, nz, placesAt, even, y, rows, m[1]!, m[5]!, m[9]!] as const),
        ...([...start, width, bandAt] as const),
      );
      out.set(band.subarray(0, rows * width) as never, (z * shape[1] + y) * width);
    },
  });
  return true;
}
