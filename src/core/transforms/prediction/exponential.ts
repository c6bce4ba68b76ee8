const LOG2_E = Math.LOG2E;
/** ln 2 in two parts: the first has zeros at its end, so that a small whole multiple of it is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const LEAST = -745;
const POWERS = Float64Array.from({ length: 1100 }, (_, n) => 2 ** -n);

/**
 * e to the power of x ≤ 0 within 1e-11 of its value: more than float32 keeps, at a fraction of the time of Math.exp.
 * x = k·ln 2 + r with |r| ≤ ln 2 / 2, e^r by its Taylor series to the ninth power. NaN stays NaN.
 */
export function expOfNegative(x: number): number {
  if (!(x >= LEAST)) return x < LEAST ? 0 : Number.NaN;
  const k = (x * LOG2_E - 0.5) | 0;
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  const upper = 1 / 120 + r * (1 / 720 + r * (1 / 5040 + r * (1 / 40320 + r * (1 / 362880))));
  const series = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * upper))));
  return series * POWERS[-k | 0]!;
}
