import { EisenError } from '../../errors/error.js';
import { castArray } from '../../tensor/cast.js';
import { toContiguous } from '../../tensor/contiguous.js';
import { DTYPES, type DType, type TypedArray } from '../../tensor/dtype.js';
import { createNdArray, type NdArray } from '../../tensor/ndarray.js';
import type { Affine } from '../../tensor/value.js';
import type { Vector } from '../affine.js';
import { copyNearest, createNearestRows, type NearestRow } from './nearest.js';
import { fillNonFinite, markNonFinite } from './non-finite.js';
import { createLinearSampler } from './oblique-linear.js';
import {
  createCubicSampler,
  createSeparableSampler,
  isDiagonal,
  type RowSampler,
  type Samples,
} from './row-sampler.js';
import { resampleSeparableLinear } from './separable-linear.js';
import { resampleSlantLinear } from './slant.js';
import type { PlainSamples } from './source-samples.js';
import { filterSpline } from './spline-filter.js';
import { createRowStore, type Range, type RowStore, rangeWithZero } from './store.js';
import { boundingGrid, type TargetGrid } from './target-grid.js';

export type Interpolation = 'linear' | 'nearest' | 'continuous';

export interface NilearnRequest {
  /** Axes x, y, z and any after them, which are resampled volume by volume. */
  readonly array: NdArray;
  readonly affine: Affine;
  /** Target voxel size in mm. */
  readonly resolution: Vector;
  readonly interpolation: Interpolation;
  /** Most memory that the kernels may take; past it the work is done without them, slower and with the same bits. */
  readonly kernelBytes?: number;
}

/**
 * Resamples onto the RAS+ grid of the given voxel size that holds the whole volume: bit for bit nilearn's
 * `resample_img(img, target_affine=diag(resolution), interpolation)` with scipy beneath. Samples outside the outermost
 * voxel centres are 0; the dtype is kept (integers are rounded), except 'continuous' of signed integers, which gives
 * floats, and 64-bit integers, which become int32 when they fit. Throws TENSOR_SHAPE below three axes, GEOMETRY when
 * the affine or the resolution makes no grid.
 */
export function resampleLikeNilearn(request: NilearnRequest): { array: NdArray; affine: Affine } {
  const { affine, resolution, interpolation } = request;
  if (request.array.shape.length < 3) {
    throw new EisenError(
      'TENSOR_SHAPE',
      `resampling needs three spatial axes; found [${request.array.shape.join(', ')}].`,
    );
  }
  if (!resolution.every((step) => step > 0 && Number.isFinite(step))) {
    throw new EisenError(
      'GEOMETRY',
      `the resolution is [${resolution.join(', ')}] mm; expected three lengths above 0.`,
    );
  }
  const source = toContiguous(request.array, 'F');
  const grid = boundingGrid(source.shape, affine, resolution);
  const out = createNdArray(resultDType(source.dtype, interpolation), [...grid.shape, ...source.shape.slice(3)], 'F');
  const range = needsClip(source.dtype, interpolation) ? rangeOf(source) : null;
  const inner = source.shape[0]! * source.shape[1]! * source.shape[2]!;
  const volumes = source.data.length / inner;
  const size = grid.shape[0] * grid.shape[1] * grid.shape[2];
  for (let n = 0; n < volumes; n += 1) {
    const data = source.data.subarray(n * inner, (n + 1) * inner);
    const target = out.data.subarray(n * size, (n + 1) * size);
    resampleVolume({
      data,
      dtype: source.dtype,
      out: target,
      outDType: out.dtype,
      shape: source.shape,
      range,
      grid,
      interpolation,
      kernelBytes: request.kernelBytes,
    });
  }
  return { array: narrowBig(out), affine: grid.affine };
}

/** Mixing with weights of one or less never leaves the source's range; only cubic weights, and rounding in float64, do. */
function needsClip(dtype: DType, interpolation: Interpolation): boolean {
  return interpolation === 'continuous' || DTYPES[dtype].kind === 'float';
}

const EVERYTHING: Range = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

interface VolumeJob {
  readonly data: TypedArray;
  readonly dtype: DType;
  readonly out: TypedArray;
  readonly outDType: DType;
  readonly shape: readonly number[];
  readonly range: Range | null;
  readonly grid: TargetGrid;
  readonly interpolation: Interpolation;
  readonly kernelBytes: number | undefined;
}

function resampleVolume(job: VolumeJob): void {
  const { data, dtype, out, outDType, shape, range, grid, interpolation, kernelBytes } = job;
  const sourceShape: Vector = [shape[0]!, shape[1]!, shape[2]!];
  const holes = DTYPES[dtype].kind === 'float' ? markNonFinite(data as Float32Array) : null;
  const target = { sourceShape, shape: grid.shape, toSource: grid.toSource };
  if (interpolation === 'nearest' && !holes && dtype !== 'int64' && dtype !== 'uint64') {
    copyNearest(target, { from: data, to: out }, kernelBytes);
    return;
  }
  const samples = {
    data: holes ? fillNonFinite(data as Float32Array, sourceShape, holes) : samplesOf(data, dtype),
    shape: sourceShape,
  };
  const limits = range ?? EVERYTHING;
  const linear = {
    ...{ data: samples.data, dtype: dtypeOf(samples.data, dtype), out, outDType, range: limits },
    ...target,
  };
  const done =
    interpolation === 'linear' &&
    (isDiagonal(grid.toSource) ? resampleSeparableLinear : resampleSlantLinear)(linear, kernelBytes);
  if (!done) {
    const widened = { data: wide(samples.data), shape: sourceShape };
    const sample = createSampler(widened, grid, interpolation);
    fillRows({ sample, store: createRowStore(out, outDType, limits), shape: grid.shape });
  }
  if (holes) punchHoles({ rows: createNearestRows(target), holes, out: out as Float32Array, shape: grid.shape });
}

function createSampler(source: Samples, grid: TargetGrid, interpolation: Interpolation): RowSampler {
  const diagonal = isDiagonal(grid.toSource);
  if (interpolation === 'nearest') {
    const rows = createNearestRows({ sourceShape: source.shape, shape: grid.shape, toSource: grid.toSource });
    const index = new Int32Array(grid.shape[0]);
    return (y, z, row) => {
      rows(y, z, index);
      for (let n = 0; n < row.length; n += 1) row[n] = index[n]! < 0 ? 0 : source.data[index[n]!]!;
      return true;
    };
  }
  if (interpolation === 'continuous') {
    const data = Float64Array.from(source.data);
    filterSpline(data, source.shape);
    const filtered = { data, shape: source.shape };
    return diagonal ? createSeparableSampler(filtered, { ...grid, order: 3 }) : createCubicSampler(filtered, grid);
  }
  return diagonal ? createSeparableSampler(source, { ...grid, order: 1 }) : createLinearSampler(source, grid);
}

function fillRows({ sample, store, shape }: { sample: RowSampler; store: RowStore; shape: Vector }): void {
  const row = new Float64Array(shape[0]);
  let at = 0;
  for (let z = 0; z < shape[2]; z += 1) {
    for (let y = 0; y < shape[1]; y += 1, at += shape[0]) {
      if (!sample(y, z, row)) row.fill(0);
      store(row, at);
    }
  }
}

interface Holes {
  readonly rows: NearestRow;
  readonly holes: Uint8Array;
  readonly out: Float32Array | Float64Array;
  readonly shape: Vector;
}

/** NaN wherever the nearest source sample is no number. */
function punchHoles({ rows, holes, out, shape }: Holes): void {
  const index = new Int32Array(shape[0]);
  let at = 0;
  for (let z = 0; z < shape[2]; z += 1) {
    for (let y = 0; y < shape[1]; y += 1, at += shape[0]) {
      rows(y, z, index);
      for (let x = 0; x < index.length; x += 1) if (index[x]! >= 0 && holes[index[x]!]) out[at + x] = Number.NaN;
    }
  }
}

/** Samples as plain numbers. */
function samplesOf(data: TypedArray, dtype: DType): PlainSamples {
  if (dtype === 'int64' || dtype === 'uint64') return Float64Array.from(data as BigInt64Array, Number);
  return data as PlainSamples;
}

/** The dtype of samples that may have been widened from `dtype`. */
function dtypeOf(samples: PlainSamples, dtype: DType): DType {
  return samples instanceof Float64Array ? 'float64' : dtype;
}

/** Samples in one of four kinds of array, each exact, so that the inner loops stay specialised. */
function wide(data: PlainSamples): Samples['data'] {
  if (data instanceof Int8Array || data instanceof Uint16Array) return Float32Array.from(data);
  if (data instanceof Int32Array || data instanceof Uint32Array) return Float64Array.from(data);
  return data as Samples['data'];
}

function rangeOf({ data, dtype }: { data: TypedArray; dtype: DType }): Range {
  return rangeWithZero(dtype === 'int64' || dtype === 'uint64' ? samplesOf(data, dtype) : (data as Float32Array));
}

function resultDType(dtype: DType, interpolation: Interpolation): DType {
  if (dtype === 'float16') {
    throw new EisenError('TENSOR_DTYPE', 'half floats cannot be resampled; cast them to float32 first.', {
      found: dtype,
    });
  }
  if (interpolation !== 'continuous' || DTYPES[dtype].kind !== 'int') return dtype;
  return dtype === 'int64' ? 'float64' : 'float32';
}

/** Tools of the field cannot read 64-bit integers, so nilearn narrows them when every value fits. */
function narrowBig(array: NdArray): NdArray {
  if (!(array.data instanceof BigInt64Array || array.data instanceof BigUint64Array)) return array;
  const fits = (array.data as BigInt64Array).every((value) => value >= -(2n ** 31n) && value < 2n ** 31n);
  return fits ? castArray(array, 'int32') : array;
}
