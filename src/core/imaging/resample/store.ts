import { DTYPES, type DType, type TypedArray } from '../../tensor/dtype.js';

/** Bounds of what resampled values are clipped to. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

const INT_RANGE = {
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-2147483648, 2147483647],
  int64: [-(2 ** 63), 2 ** 63],
  uint8: [0, 255],
  uint16: [0, 65535],
  uint32: [0, 4294967295],
  uint64: [0, 2 ** 64],
  bool: [0, 1],
} as const;

/** Least and greatest sample with zero; NaN samples are passed over, all NaN gives NaN. */
export function rangeWithZero(data: ArrayLike<number>): Range {
  let low = 0;
  let high = 0;
  let seen = data.length === 0;
  for (let n = 0; n < data.length; n += 1) {
    const value = data[n]!;
    if (value < low) low = value;
    else if (value > high) high = value;
    if (!seen && !Number.isNaN(value)) seen = true;
  }
  return seen ? { low, high } : { low: Number.NaN, high: Number.NaN };
}

/** Writes float64 results into an output of some dtype: rounds half away from zero, saturates, clips. */
export type RowStore = (row: Float64Array, at: number) => void;

/** The store for an output array. Rounding is scipy's; the clip is to the source's own range with zero. */
export function createRowStore(out: TypedArray, dtype: DType, range: Range): RowStore {
  if (out instanceof BigInt64Array || out instanceof BigUint64Array) return storeBig(out, dtype as 'int64', range);
  if (DTYPES[dtype].kind === 'float') return storeFloat(out as Float32Array, range);
  const [least, most] = INT_RANGE[dtype as keyof typeof INT_RANGE];
  const low = Math.max(least, range.low);
  const high = Math.min(most, range.high);
  return (row, at) => {
    for (let n = 0; n < row.length; n += 1) {
      const value = row[n]!;
      const rounded = value > 0 ? Math.floor(value + 0.5) : Math.ceil(value - 0.5);
      out[at + n] = Math.min(Math.max(rounded, low), high);
    }
  };
}

/** numpy's clip: NaN passes, and a zero takes the sign of a bound that equals it. Bounds of NaN leave nothing else. */
function storeFloat(out: Float32Array | Float64Array, { low, high }: Range): RowStore {
  if (Number.isNaN(low)) return (row, at) => void out.fill(Number.NaN, at, at + row.length);
  return (row, at) => {
    for (let n = 0; n < row.length; n += 1) {
      const value = row[n]!;
      out[at + n] = value <= low ? low : value >= high ? high : value;
    }
  };
}

function storeBig(out: BigInt64Array | BigUint64Array, dtype: 'int64' | 'uint64', range: Range): RowStore {
  const [least, most] = INT_RANGE[dtype];
  const top = dtype === 'int64' ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  return (row, at) => {
    for (let n = 0; n < row.length; n += 1) {
      const value = row[n]!;
      const rounded = value > 0 ? Math.floor(value + 0.5) : Math.ceil(value - 0.5);
      const bounded = Math.min(Math.max(rounded, least, range.low), range.high);
      out[at + n] = bounded >= most ? top : BigInt(bounded);
    }
  };
}
