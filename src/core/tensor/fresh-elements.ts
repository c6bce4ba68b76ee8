import { DTYPES, type DType, type TypedArray } from './dtype.js';

/** The array of each dtype. */
export interface ElementsOf {
  float16: Uint16Array;
  float32: Float32Array;
  float64: Float64Array;
  int8: Int8Array;
  int16: Int16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  uint16: Uint16Array;
  uint32: Uint32Array;
  uint64: BigUint64Array;
  bool: Uint8Array;
}

/** Below this the allocator has memory at hand and zeros cost nothing. */
const LEAST_BYTES = 64 * 1024;

/**
 * Elements with any content, old data included: for a result that writes each one of them before anybody reads it. Zeros
 * that are written over cost as much as the cheap transforms themselves.
 */
export function freshElements<D extends DType>(dtype: D, count: number): ElementsOf[D];
export function freshElements(dtype: DType, count: number): TypedArray {
  const { array, bytes } = DTYPES[dtype];
  if (count * bytes < LEAST_BYTES) return new array(count);
  return new array(Buffer.allocUnsafeSlow(count * bytes).buffer, 0, count);
}
