import type { Vector } from '../affine.js';
import { fromExtended, multiply, toExtended } from '../extended.js';

/** √3 − 2, rounded once. */
const POLE = -0.2679491924311227;

/**
 * Cubic B-spline coefficients of a volume, in place, x fastest: the recursive filter of Unser (1999) along each axis in
 * turn with mirror boundaries, in scipy's order of operations. Axes of length 1 are left alone.
 */
export function filterSpline(data: Float64Array, shape: Vector): void {
  const steps = [1, shape[0], shape[0] * shape[1]];
  for (let axis = 0; axis < 3; axis += 1) {
    const length = shape[axis]!;
    if (length === 1) continue;
    const line = new Float64Array(length);
    const poleToEnd = power(POLE, length - 1);
    const step = steps[axis]!;
    for (let start = 0; start < data.length; start += 1) {
      if (Math.floor(start / step) % length !== 0) continue;
      for (let n = 0; n < length; n += 1) line[n] = data[start + n * step]!;
      filterLine(line, poleToEnd);
      for (let n = 0; n < length; n += 1) data[start + n * step] = line[n]!;
    }
  }
}

/** A whole power to the last bit: long multiplication in extended precision, rounded once. */
function power(base: number, exponent: number): number {
  const factor = toExtended(base);
  let result = factor;
  for (let n = 1; n < exponent; n += 1) result = multiply(result, factor);
  return fromExtended(result);
}

function filterLine(c: Float64Array, poleToEnd: number): void {
  const last = c.length - 1;
  const gain = (1 - POLE) * (1 - 1 / POLE);
  for (let n = 0; n <= last; n += 1) c[n]! *= gain;
  let first = c[0]! + poleToEnd * c[last]!;
  let power = POLE;
  for (let n = 1; n < last; n += 1) {
    first += power * (c[n]! + poleToEnd * c[last - n]!);
    power *= POLE;
  }
  c[0] = first / (1 - poleToEnd * poleToEnd);
  for (let n = 1; n <= last; n += 1) c[n]! += POLE * c[n - 1]!;
  c[last] = ((POLE * c[last - 1]! + c[last]!) * POLE) / (POLE * POLE - 1);
  for (let n = last - 1; n >= 0; n -= 1) c[n] = POLE * (c[n + 1]! - c[n]!);
}
