// Values from stored numbers, and sums of weighted values. n is a multiple of 4 everywhere.

/** float32 of stored × slope + intercept, computed in float64 and rounded once, from int16. */
export function scaleI16(from: usize, to: usize, n: i32, slope: f64, intercept: f64): void {
  const s = f64x2.splat(slope);
  const b = f64x2.splat(intercept);
  for (let k: usize = 0; k < <usize>n; k += 4) {
    const wide = i32x4.extend_low_i16x8_s(v128.load64_zero(from + (k << 1)));
    const low = f64x2.add(f64x2.mul(f64x2.convert_low_i32x4_s(wide), s), b);
    const high = f64x2.add(f64x2.mul(f64x2.convert_low_i32x4_s(v128.shuffle<i32>(wide, wide, 2, 3, 2, 3)), s), b);
    const a = f32x4.demote_f64x2_zero(low);
    const c = f32x4.demote_f64x2_zero(high);
    v128.store(to + (k << 2), v128.shuffle<i32>(a, c, 0, 1, 4, 5));
  }
}

/** sum += x × weight, element by element, two roundings. */
export function accumulateF32(sum: usize, from: usize, weight: usize, n: i32): void {
  for (let at: usize = 0, end = (<usize>n) << 2; at < end; at += 16)
    v128.store(sum + at, f32x4.add(v128.load(sum + at), f32x4.mul(v128.load(from + at), v128.load(weight + at))));
}
