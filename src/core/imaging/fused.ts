const SPLITTER = 2 ** 27 + 1;
const double = new Float64Array(1);
const word = new BigInt64Array(double.buffer);

/** The rounding error of `sum = a + b`, exactly. */
function sumError(a: number, b: number, sum: number): number {
  const virtual = sum - a;
  return a - (sum - virtual) + (b - virtual);
}

/** The rounding error of `product = a × b`, exactly (no overflow for the sizes a volume's geometry has). */
function productError(a: number, b: number, product: number): number {
  const wideA = SPLITTER * a;
  const highA = wideA - (wideA - a);
  const lowA = a - highA;
  const wideB = SPLITTER * b;
  const highB = wideB - (wideB - b);
  const lowB = b - highB;
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
}

/** `a + b` rounded to odd: a sum that is not exact ends on an odd last bit, so that a second rounding cannot tip. */
function addToOdd(a: number, b: number): number {
  const sum = a + b;
  const error = sumError(a, b, sum);
  double[0] = sum;
  if (error === 0 || (word[0]! & 1n) === 1n) return sum;
  word[0]! += error > 0 === sum > 0 ? 1n : -1n;
  return double[0]!;
}

/**
 * `a × b + c` with one rounding, as the fused multiply-add of every current processor. Method: Boldo and Melquiond,
 * "Emulation of FMA and correctly rounded sums". numpy's matrix product uses that instruction, so we must.
 */
export function fusedMultiplyAdd(a: number, b: number, c: number): number {
  const product = a * b;
  if (product === 0 || c === 0 || !Number.isFinite(product + c)) return product + c;
  const low = productError(a, b, product);
  const upper = c + low;
  const upperError = sumError(c, low, upper);
  const total = product + upper;
  return total + addToOdd(sumError(product, upper, total), upperError);
}
