/**
 * A number of the 80-bit extended format: `mantissa × 2^exponent`, the mantissa at most 64 bits. nibabel computes
 * quaternions in this format; to give its bits we round every step as that processor unit does (ties to even).
 */
export interface Extended {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const BITS = 64;

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** Rounds `sign × (size + a little if sticky) × 2^exponent` to `bits` of mantissa, ties to even. */
function round(value: { mantissa: bigint; exponent: number; sticky?: boolean }, bits = BITS): Extended {
  const { mantissa, exponent, sticky = false } = value;
  const size = mantissa < 0n ? -mantissa : mantissa;
  const extra = bitLength(size) - bits;
  if (extra <= 0) return { mantissa, exponent };
  const shift = BigInt(extra);
  const kept = size >> shift;
  const rest = size - (kept << shift);
  const half = 1n << (shift - 1n);
  const up = rest > half || (rest === half && (sticky || (kept & 1n) === 1n));
  const rounded = up ? kept + 1n : kept;
  return { mantissa: mantissa < 0n ? -rounded : rounded, exponent: exponent + extra };
}

const bytes = new DataView(new ArrayBuffer(8));

/** A finite double, exactly. */
export function toExtended(value: number): Extended {
  bytes.setFloat64(0, value);
  const word = bytes.getBigUint64(0);
  const biased = Number((word >> 52n) & 2047n);
  const fraction = word & ((1n << 52n) - 1n);
  const size = biased === 0 ? fraction : fraction | (1n << 52n);
  return { mantissa: word >> 63n ? -size : size, exponent: Math.max(biased, 1) - 1075 };
}

/** The nearest double. */
export function fromExtended(value: Extended): number {
  return Number(value.mantissa) * 2 ** value.exponent;
}

export function add(a: Extended, b: Extended): Extended {
  const exponent = Math.min(a.exponent, b.exponent);
  const mantissa = (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent));
  return round({ mantissa, exponent });
}

export function subtract(a: Extended, b: Extended): Extended {
  return add(a, { mantissa: -b.mantissa, exponent: b.exponent });
}

export function multiply(a: Extended, b: Extended): Extended {
  return round({ mantissa: a.mantissa * b.mantissa, exponent: a.exponent + b.exponent });
}

/** Both operands positive. */
export function divide(a: Extended, b: Extended): Extended {
  const shift = 2 * BITS + bitLength(b.mantissa);
  const numerator = a.mantissa << BigInt(shift);
  const mantissa = numerator / b.mantissa;
  return round({ mantissa, exponent: a.exponent - b.exponent - shift, sticky: mantissa * b.mantissa !== numerator });
}

/** The square root of a positive number. */
export function squareRoot(value: Extended): Extended {
  const shift = 4 * BITS + ((value.exponent & 1) === 0 ? 0 : 1);
  const wide = value.mantissa << BigInt(shift);
  let root = 1n << BigInt((bitLength(wide) + 1) >> 1);
  for (;;) {
    const next = (root + wide / root) >> 1n;
    if (next >= root) break;
    root = next;
  }
  return round({ mantissa: root, exponent: (value.exponent - shift) / 2, sticky: root * root !== wide });
}
