/** Weights, times 2^13, of coefficients 1, 3, 5 and 7 in outputs 0 to 3; those of outputs 7 to 4 are their negatives. */
const ODD = [
  [11363, 9633, 6437, 2260],
  [9633, -2259, -11362, -6436],
  [6437, -11362, 2261, 9633],
  [2260, -6436, 9633, -11363],
] as const;

/**
 * The inverse cosine transform of a block of 12-bit samples, in place, with the integers of libjpeg's accurate method
 * (13-bit weights, one more bit kept between columns and rows), so that results are the same to the last bit.
 */
export function inverseDct(block: Int32Array): void {
  for (let n = 0; n < 8; n += 1) transformLine(block, { at: n, step: 8, shift: 12 });
  for (let n = 0; n < 8; n += 1) transformLine(block, { at: n * 8, step: 1, shift: 17 });
}

function transformLine(
  block: Int32Array,
  { at, step, shift }: { readonly at: number; readonly step: number; readonly shift: number },
): void {
  const x = (n: number): number => block[at + n * step]!;
  const [x1, x3, x5, x7] = [x(1), x(3), x(5), x(7)];
  const [sum, difference] = [8192 * (x(0) + x(4)), 8192 * (x(0) - x(4))];
  const [outer, inner] = [10703 * x(2) + 4433 * x(6), 4433 * x(2) - 10704 * x(6)];
  const even = [sum + outer, difference + inner, difference - inner, sum - outer];
  const half = 1 << (shift - 1);
  for (let n = 0; n < 4; n += 1) {
    const [a, b, c, d] = ODD[n]!;
    const odd = a * x1 + b * x3 + c * x5 + d * x7;
    block[at + n * step] = (even[n]! + odd + half) >> shift;
    block[at + (7 - n) * step] = (even[n]! - odd + half) >> shift;
  }
}
