import type { DType, TypedArray } from '../../tensor/dtype.js';
import type { ResampleKernels } from '../kernels/resample-kernels.js';

/** Numbers that are no BigInt. */
export type PlainSamples = Exclude<TypedArray, BigInt64Array | BigUint64Array>;

/** How the kernels hold source samples: the narrowest of three kinds that holds every value of the dtype exactly. */
export interface SampleKind {
  readonly bytes: 2 | 4 | 8;
  /** `count` samples of kernel memory from `at` on, to be set. */
  view(heap: ArrayBuffer, at: number, count: number): Int16Array | Float32Array | Float64Array;
  weigh(kernels: ResampleKernels): ResampleKernels['weighPlaneI16'];
  slant(kernels: ResampleKernels): ResampleKernels['slantLinearI16'];
}

const SHORT: SampleKind = {
  bytes: 2,
  view: (heap, at, count) => new Int16Array(heap, at, count),
  weigh: (kernels) => kernels.weighPlaneI16,
  slant: (kernels) => kernels.slantLinearI16,
};

const SINGLE: SampleKind = {
  bytes: 4,
  view: (heap, at, count) => new Float32Array(heap, at, count),
  weigh: (kernels) => kernels.weighPlaneF32,
  slant: (kernels) => kernels.slantLinearF32,
};

const DOUBLE: SampleKind = {
  bytes: 8,
  view: (heap, at, count) => new Float64Array(heap, at, count),
  weigh: (kernels) => kernels.weighPlaneF64,
  slant: (kernels) => kernels.slantLinearF64,
};

export function sampleKindOf(dtype: DType): SampleKind {
  if (dtype === 'int16' || dtype === 'int8' || dtype === 'uint8' || dtype === 'bool') return SHORT;
  return dtype === 'float32' || dtype === 'uint16' ? SINGLE : DOUBLE;
}
