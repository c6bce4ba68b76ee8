/** Spline order: 0 nearest, 1 linear, 3 cubic. */
export type Order = 0 | 1 | 3;

/** For every index of an output axis: which samples of the source axis it mixes, and how much of each. */
export interface AxisTaps {
  /** 1 when the index falls inside the source axis. */
  readonly inside: Uint8Array;
  /** `order + 1` source indices for each output index. */
  readonly index: Int32Array;
  /** `order + 1` weights for each output index; zeros outside. */
  readonly weight: Float64Array;
  readonly width: number;
}

/** Coordinates along one axis of a diagonal transform, in the order of operations of scipy's zoom_shift. */
export function axisCoordinates(count: number, scale: number, offset: number): Float64Array {
  const shift = offset / scale;
  return Float64Array.from({ length: count }, (_, n) => (n + shift) * scale);
}

/** Taps for the coordinates of one axis; a coordinate outside 0..length−1 by any amount is outside. */
export function createTaps(coordinates: Float64Array, length: number, order: Order): AxisTaps {
  const width = order + 1;
  const count = coordinates.length;
  const taps: AxisTaps = {
    width,
    inside: new Uint8Array(count),
    index: new Int32Array(count * width),
    weight: new Float64Array(count * width),
  };
  for (let n = 0; n < count; n += 1) {
    const at = coordinates[n]!;
    if (!(at >= 0 && at <= length - 1)) continue;
    taps.inside[n] = 1;
    const start = (order === 0 ? Math.floor(at + 0.5) : Math.floor(at)) - (order >> 1);
    for (let tap = 0; tap < width; tap += 1) taps.index[n * width + tap] = mirrorIndex(start + tap, length);
    writeWeights(taps.weight, n * width, { at, order });
  }
  return taps;
}

/** Reflects an index about the first and last sample. */
export function mirrorIndex(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * length - 2;
  const folded = Math.abs(index) % period;
  return folded >= length ? period - folded : folded;
}

/** B-spline weights of scipy; the last is one minus the others, so that they sum to one. */
export function writeWeights(out: Float64Array, at0: number, { at, order }: { at: number; order: Order }): void {
  const x = at - Math.floor(at);
  if (order === 0) out[at0] = 1;
  else if (order === 1) {
    out[at0] = 1 - x;
    out[at0 + 1] = 1 - out[at0]!;
  } else {
    const z = 1 - x;
    out[at0] = (z * z * z) / 6;
    out[at0 + 1] = (x * x * (x - 2) * 3 + 4) / 6;
    out[at0 + 2] = (z * z * (z - 2) * 3 + 4) / 6;
    out[at0 + 3] = 1 - out[at0]! - out[at0 + 1]! - out[at0 + 2]!;
  }
}
