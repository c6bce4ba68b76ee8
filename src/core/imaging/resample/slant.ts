import { asWords } from '../../tensor/contiguous.js';
import type { TypedArray } from '../../tensor/dtype.js';
import type { Affine } from '../../tensor/value.js';
import type { Vector } from '../affine.js';
import { createLayout, openResampleKernels } from '../kernels/resample-kernels.js';
import { createBandStore, placeBand, rowsPerBand } from './band-store.js';
import { createRowPlaces } from './row-sampler.js';
import type { LinearJob } from './separable-linear.js';
import { planSlabs, type Slab } from './slab.js';
import { kernelSamplesOf } from './source-samples.js';

interface Grids {
  readonly sourceShape: Vector;
  readonly shape: Vector;
  readonly toSource: Affine;
}

/** The head of a job of the kernels: steps along y and z, the row under way, which they keep there, and sizes. */
const NUMBERS = 17;
const JOB_BYTES = NUMBERS * 8 + 9 * 4;

interface SlantPlace {
  readonly jobAt: number;
  readonly columnsAt: number;
  readonly outAt: number;
}

/** Writes the fields of SlantJob in assembly/resample/slant.ts, and the share of x of each output column. */
function writeJob(heap: ArrayBuffer, { jobAt, columnsAt, outAt }: SlantPlace, bytes: number, grids: Grids): void {
  const { sourceShape, shape, toSource: m } = grids;
  const width = shape[0];
  const even = evenWidth(width);
  const numbers = new Float64Array(heap, jobAt, NUMBERS);
  numbers.set([m[1]!, m[5]!, m[9]!, m[2]!, m[6]!, m[10]!]);
  const [nx, ny, nz] = sourceShape;
  numbers.set([nx, nx * ny, nx - 1, ny - 1, nz - 1], 12);
  const { xs, ys, zs } = createRowPlaces(width, m);
  const columns = new Float64Array(heap, columnsAt, 3 * even);
  const places = [xs, ys, zs].map((column, axis) => {
    columns.set(column, axis * even);
    return columnsAt + axis * even * 8;
  });
  new Int32Array(heap, jobAt + NUMBERS * 8, 9).set([bytes, ...sourceShape, ...places, width, outAt]);
}

function evenWidth(width: number): number {
  return width + (width & 1);
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
  const { data, dtype, sourceShape, shape } = job;
  const [nx, ny] = sourceShape;
  const Samples = kernelSamplesOf(dtype);
  const bytes = Samples.BYTES_PER_ELEMENT;
  const plan = planSlabs({ ...job, planeBytes: nx * ny * bytes, mostBytes });
  if (!plan) return false;
  const width = shape[0];
  const layout = createLayout();
  const jobAt = layout.take(JOB_BYTES);
  const columnsAt = layout.take(evenWidth(width) * 24);
  const band = placeBand(layout, width);
  const sourceAt = layout.take(plan.planes * nx * ny * bytes);
  const kernels = openResampleKernels(layout.bytes);
  const heap = kernels.memory.buffer;
  writeJob(heap, { jobAt, columnsAt, outAt: band.at }, bytes, job);
  const store = createBandStore(kernels, band, { out: job.out, dtype: job.outDType, range: job.range });
  const view = new Samples(heap, sourceAt, plan.planes * nx * ny);
  runSlabs(job, {
    slabs: plan.slabs,
    load: ({ low, high }) => {
      view.set(data.subarray(low * nx * ny, (high + 1) * nx * ny));
      return sourceAt - low * nx * ny * bytes;
    },
    compute: (source, { z, y, rows }) => {
      kernels.slantLinear(jobAt, source, z, y, rows);
      store(rows * width, (z * shape[1] + y) * width);
    },
  });
  return true;
}

/** The nearest sample under any affine transform, ties going up, 0 outside; words are moved whatever they mean. */
export function resampleSlantNearest(
  grids: Grids,
  { from, to }: { readonly from: TypedArray; readonly to: TypedArray },
  mostBytes?: number,
): boolean {
  const { sourceShape, shape } = grids;
  const [nx, ny] = sourceShape;
  const bytes = from.BYTES_PER_ELEMENT;
  const plan = planSlabs({ ...grids, planeBytes: nx * ny * bytes, mostBytes });
  if (!plan) return false;
  const width = shape[0];
  const layout = createLayout();
  const jobAt = layout.take(JOB_BYTES);
  const columnsAt = layout.take(evenWidth(width) * 24);
  const bandAt = layout.take(rowsPerBand(width) * width * bytes);
  const sourceAt = layout.take(plan.planes * nx * ny * bytes);
  const kernels = openResampleKernels(layout.bytes);
  const heap = kernels.memory.buffer;
  writeJob(heap, { jobAt, columnsAt, outAt: bandAt }, bytes, grids);
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
      kernels.slantNearest(jobAt, at, z, y, rows);
      out.set(band.subarray(0, rows * width) as never, (z * shape[1] + y) * width);
    },
  });
  return true;
}
