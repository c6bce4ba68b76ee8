import { castArray } from '../../tensor/cast.js';
import { toContiguous } from '../../tensor/contiguous.js';
import { DTYPES, type DType } from '../../tensor/dtype.js';
import { createNdArray, type NdArray } from '../../tensor/ndarray.js';
import type { Affine } from '../../tensor/value.js';
import { sampleOblique } from './oblique.js';
import type { Outside, SamplePlan, Samples } from './plan.js';
import { sampleSeparable } from './separable.js';

export interface GridRequest {
  /** Three axes. */
  readonly source: NdArray;
  /** Takes an index of the result to a (fractional) index of the source. */
  readonly matrix: Affine;
  readonly shape: readonly [number, number, number];
  readonly mode: 'linear' | 'nearest';
  readonly outside: Outside;
}

/**
 * Samples a volume on another grid. `linear` gives float64 for float64 and float32 for everything else; `nearest` keeps
 * the dtype and takes floor(x + 0.5). The result lies in memory in the axis order of the source.
 */
export function sampleGrid({ source, matrix, shape, mode, outside }: GridRequest): NdArray {
  const big = source.dtype === 'int64' || source.dtype === 'uint64';
  const dtype = sampledDType(source.dtype, mode);
  const columns = Math.abs(source.strides[0]!) < Math.abs(source.strides[2]!);
  const order = columns ? 'F' : 'C';
  const readable = big || source.dtype === 'float16' ? castArray(source, big ? 'float64' : 'float32') : source;
  const dense = toContiguous(readable, order);
  const kept = big || source.dtype === 'float16' ? readable.dtype : dtype;
  const out = createNdArray(kept, shape, order);
  if (outside.rule === 'fill' && outside.fill !== 0) (out.data as Samples).fill(outside.fill);
  if (!shape.includes(0) && !source.shape.includes(0)) {
    const plan: SamplePlan = {
      source: dense.data as Samples,
      lengths: source.shape,
      steps: dense.strides,
      out: out.data as Samples,
      outLengths: shape,
      outSteps: out.strides,
      fast: columns ? 0 : 2,
      matrix,
      mode,
      outside,
    };
    if (isSeparable(matrix)) sampleSeparable(plan);
    else sampleOblique(plan);
  }
  return castArray(out, dtype);
}

/** The dtype of the result. */
export function sampledDType(dtype: DType, mode: GridRequest['mode']): DType {
  if (mode === 'nearest') return dtype;
  return DTYPES[dtype].bytes === 8 && DTYPES[dtype].kind === 'float' ? 'float64' : 'float32';
}

/** Each source axis follows its own result axis alone. */
function isSeparable(matrix: Affine): boolean {
  return [1, 2, 4, 6, 8, 9].every((n) => matrix[n] === 0);
}
