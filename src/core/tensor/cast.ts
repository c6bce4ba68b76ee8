import { toContiguous } from './contiguous.js';
import { DTYPES, type DType, type TypedArray } from './dtype.js';
import { halfToNumber, numberToHalf } from './float16.js';
import { freshElements } from './fresh-elements.js';
import { countElements, type NdArray } from './ndarray.js';

const INT32_MIN = -(2 ** 31);
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const LOW = LITTLE_ENDIAN ? 0 : 1;

/**
 * The array in another dtype, as numpy's `astype`: floats are cut toward zero, integers wrap, what no integer can hold
 * (NaN, infinities, too large) becomes what the x86-64 conversion instruction leaves. The memory order is kept.
 * Returns the same array when the dtype is already right.
 */
export function castArray(array: NdArray, dtype: DType): NdArray {
  if (array.dtype === dtype) return array;
  const dense = findDenseRun(array) ?? toContiguous(array, array.strides[0] === 1 ? 'F' : 'C');
  const count = countElements(dense.shape);
  const first = lowestIndex(dense);
  const data = castElements(dense.data.subarray(first, first + count), array.dtype, dtype);
  return { dtype, shape: dense.shape, strides: dense.strides, offset: dense.offset - first, data };
}

/** The array itself when its elements fill one run of memory in whatever axis order or direction. */
function findDenseRun(array: NdArray): NdArray | null {
  const axes = array.shape
    .map((length, axis) => ({ length, step: Math.abs(array.strides[axis]!) }))
    .filter(({ length }) => length !== 1)
    .sort((a, b) => a.step - b.step);
  let expected = 1;
  for (const { length, step } of axes) {
    if (step !== expected) return null;
    expected *= length;
  }
  return array;
}

function lowestIndex(array: NdArray): number {
  return array.strides.reduce(
    (at, step, axis) => (step < 0 ? at + step * Math.max(array.shape[axis]! - 1, 0) : at),
    array.offset,
  );
}

/** New elements of dtype `to` from elements of dtype `from`. */
export function castElements(data: TypedArray, from: DType, to: DType): TypedArray {
  if (to === 'bool') return castToBool(data, from);
  if (from === 'float16') return castHalf(data as Uint16Array, to);
  if (to === 'float16') return castToHalf(data, from);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return castBig(data, to);
  const float = DTYPES[from].kind === 'float';
  if (to === 'int64' || to === 'uint64') return castToBig(data, { to, float });
  if (!float || DTYPES[to].kind === 'float') return convert(data, to);
  return to === 'uint32' ? cutToUint32(data) : cutToInt(data, to);
}

/** Integer wrap-around and rounding to float32 are those of typed-array element conversion. */
function convert(data: ArrayLike<number>, to: DType): TypedArray {
  const out: TypedArray = freshElements(to, data.length);
  out.set(data as never);
  return out;
}

function cutToInt(data: ArrayLike<number>, to: DType): TypedArray {
  const out = new DTYPES[to].array(data.length);
  for (let n = 0; n < data.length; n += 1) {
    const value = data[n]!;
    out[n] = value > INT32_MIN && value < 2 ** 31 ? value : INT32_MIN;
  }
  return out;
}

function cutToUint32(data: ArrayLike<number>): Uint32Array {
  const out = new Uint32Array(data.length);
  for (let n = 0; n < data.length; n += 1) {
    const value = data[n]!;
    if (!(value >= 2 ** 32)) out[n] = value > INT32_MIN ? value : 2 ** 31;
  }
  return out;
}

function castToBig(data: ArrayLike<number>, { to, float }: { to: 'int64' | 'uint64'; float: boolean }): TypedArray {
  const out = to === 'int64' ? new BigInt64Array(data.length) : new BigUint64Array(data.length);
  const words = new Uint32Array(out.buffer);
  const top = to === 'int64' ? 2 ** 63 : 2 ** 64;
  for (let n = 0; n < data.length; n += 1) {
    const value = Math.trunc(data[n]!);
    const high = 2 * n + 1 - LOW;
    if (!float || (value >= -(2 ** 63) && value < top)) {
      const quotient = Math.floor(value / 2 ** 32);
      words[2 * n + LOW] = value - quotient * 2 ** 32;
      words[high] = quotient;
    } else if (to === 'int64' || !(value >= 2 ** 64)) words[high] = 2 ** 31;
  }
  return out;
}

function castBig(data: BigInt64Array | BigUint64Array, to: DType): TypedArray {
  if (to === 'float64') return Float64Array.from(data as BigInt64Array, Number);
  if (to === 'float32') return Float32Array.from(data as BigInt64Array, bigToFloat32);
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length * 2);
  if (to === 'int64' || to === 'uint64') {
    const out = new DTYPES[to].array(data.length);
    new Uint32Array(out.buffer).set(words);
    return out;
  }
  const out = new DTYPES[to].array(data.length);
  for (let n = 0; n < data.length; n += 1) out[n] = words[2 * n + LOW]!;
  return out;
}

/** One rounding to 24 bits: the low bits are folded into a sticky one first, so that going through a double is exact. */
function bigToFloat32(value: bigint): number {
  const size = value < 0n ? -value : value;
  if (size < 1n << 53n) return Math.fround(Number(value));
  const sticky = (size >> 12n) | (size & 4095n ? 1n : 0n);
  return Math.fround(Number(value < 0n ? -sticky : sticky) * 4096);
}

function castToBool(data: TypedArray, from: DType): TypedArray {
  const out = new Uint8Array(data.length);
  const mask = from === 'float16' ? 0x7fff : -1;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    for (let n = 0; n < data.length; n += 1) out[n] = data[n] === 0n ? 0 : 1;
  } else if (mask > 0) {
    for (let n = 0; n < data.length; n += 1) out[n] = data[n]! & mask ? 1 : 0;
  } else for (let n = 0; n < data.length; n += 1) out[n] = data[n] === 0 ? 0 : 1;
  return out;
}

function castHalf(data: Uint16Array, to: DType): TypedArray {
  const wide = Float32Array.from(data, halfToNumber);
  if (to === 'float32') return wide;
  // numpy takes half floats to uint32 through scalar code, which leaves 0 for what does not fit.
  if (to === 'uint32') return castElements(wide.map(zeroUnlessFinite), 'float32', to);
  return castElements(wide, 'float32', to);
}

const zeroUnlessFinite = (value: number): number => (Number.isFinite(value) ? value : 0);

function castToHalf(data: TypedArray, from: DType): Uint16Array {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return Uint16Array.from(Float32Array.from(data as BigInt64Array, bigToFloat32), numberToHalf);
  }
  return Uint16Array.from(DTYPES[from].kind === 'float' ? data : Float32Array.from(data), numberToHalf);
}
