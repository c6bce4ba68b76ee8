const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);

/** The number that 16 bits of IEEE 754 binary16 stand for. */
export function halfToNumber(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The nearest binary16 of a number, ties to even; rounds once, straight from the double, as numpy does. */
export function numberToHalf(value: number): number {
  scratch[0] = value;
  const high = words[1]!;
  const sign = (high >>> 16) & 0x8000;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return sign | 0x7e00;
  // 65520 is half-way between the largest finite half and the next power of two.
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | roundTiesToEven(size * 2 ** 24);
  const exponent = ((high >>> 20) & 2047) - 1023;
  return sign | (roundTiesToEven(size * 2 ** (10 - exponent)) + ((exponent + 14) << 10));
}

function roundTiesToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest > 0.5 || (rest === 0.5 && (below & 1) === 1)) return below + 1;
  return below;
}
