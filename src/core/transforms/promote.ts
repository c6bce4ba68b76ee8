import { DTYPES, type DType } from '../tensor/dtype.js';

/** Smallest float that holds every value of an integer dtype, by its bytes. */
const FLOAT_FOR: Record<number, DType> = { 1: 'float16', 2: 'float32', 4: 'float64', 8: 'float64' };
const SIGNED: Record<number, DType> = { 1: 'int8', 2: 'int16', 4: 'int32', 8: 'int64' };

/** The dtype that numpy gives to two arrays put together. */
export function promoteDTypes(a: DType, b: DType): DType {
  if (a === b) return a;
  const [x, y] = [DTYPES[a], DTYPES[b]];
  if (x.kind === 'bool') return b;
  if (y.kind === 'bool') return a;
  if (x.kind === y.kind) return x.bytes > y.bytes ? a : b;
  if (x.kind === 'float' || y.kind === 'float') {
    const [float, other] = x.kind === 'float' ? [a, y] : [b, x];
    const least = FLOAT_FOR[other.bytes]!;
    return DTYPES[least].bytes > DTYPES[float].bytes ? least : float;
  }
  const [signed, unsigned] = x.kind === 'int' ? [x, y] : [y, x];
  if (signed.bytes > unsigned.bytes) return SIGNED[signed.bytes]!;
  return SIGNED[unsigned.bytes * 2] ?? 'float64';
}
