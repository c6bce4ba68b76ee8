import type { DType, TypedArray } from '../../tensor/dtype.js';

/** Numbers that are no BigInt. */
export type PlainSamples = Exclude<TypedArray, BigInt64Array | BigUint64Array>;

type KernelSamples = typeof Int16Array | typeof Float32Array | typeof Float64Array;

/** How the kernels hold source samples: the narrowest of three kinds that holds every value of the dtype exactly. */
export function kernelSamplesOf(dtype: DType): KernelSamples {
  if (dtype === 'int16' || dtype === 'int8' || dtype === 'uint8' || dtype === 'bool') return Int16Array;
  return dtype === 'float32' || dtype === 'uint16' ? Float32Array : Float64Array;
}
