import type { NdArray } from '../../tensor/ndarray.js';
import type { Affine } from '../../tensor/value.js';

/**
 * What a sample outside the outermost voxel centres is. `edge`: the nearest voxel, however far. `fill`: the nearest voxel
 * within half a voxel, `fill` beyond.
 */
export type Outside = { readonly rule: 'edge' } | { readonly rule: 'fill'; readonly fill: number };

/** One sampling job in plain memory: what the kernels work on. Steps count elements, axis by axis. */
export interface SamplePlan {
  readonly source: Samples;
  readonly lengths: readonly number[];
  readonly steps: readonly number[];
  readonly out: Samples;
  readonly outLengths: readonly number[];
  readonly outSteps: readonly number[];
  /** The axis along which both lie without gaps. The steps alone do not tell it where axes have length 1. */
  readonly fast: 0 | 2;
  readonly matrix: Affine;
  readonly mode: 'linear' | 'nearest';
  readonly outside: Outside;
}

export type Samples = Exclude<NdArray['data'], BigInt64Array | BigUint64Array>;

/** Tolerance in voxels at the outer border: round-off must not cut a face off. */
export const BORDER = 0.5 + 1e-6;
