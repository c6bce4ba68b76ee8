// Results as they are stored: rounded to whole numbers and saturated, or as float32.

/** Two float64 rounded half away from zero, held to low..high, as int32 in lanes 0 and 1. */
function rounded(at: usize, l: v128, h: v128): v128 {
  const x = v128.load(at);
  const pushed = f64x2.add(x, v128.or(v128.and(x, f64x2.splat(-0.0)), f64x2.splat(0.5)));
  return i32x4.trunc_sat_f64x2_s_zero(f64x2.pmin(h, f64x2.pmax(l, f64x2.trunc(pushed))));
}

/** Four of them. */
function roundedFour(at: usize, l: v128, h: v128): v128 {
  return v128.shuffle<i32>(rounded(at, l, h), rounded(at + 16, l, h), 0, 1, 4, 5);
}

/** n float64 (n a multiple of 8) to int32, int16 or int8, rounded half away from zero and held to low..high. */
export function round32(from: usize, n: i32, lowest: f64, highest: f64, out: usize): void {
  const l = f64x2.splat(lowest);
  const h = f64x2.splat(highest);
  for (let k: usize = 0; k < <usize>n; k += 4) v128.store(out + (k << 2), roundedFour(from + (k << 3), l, h));
}

export function round16(from: usize, n: i32, lowest: f64, highest: f64, out: usize): void {
  const l = f64x2.splat(lowest);
  const h = f64x2.splat(highest);
  const keep = i32x4.splat(0xffff);
  for (let k: usize = 0; k < <usize>n; k += 8) {
    const a = v128.and(roundedFour(from + (k << 3), l, h), keep);
    const b = v128.and(roundedFour(from + (k << 3) + 32, l, h), keep);
    v128.store(out + (k << 1), i16x8.narrow_i32x4_u(a, b));
  }
}

export function round8(from: usize, n: i32, lowest: f64, highest: f64, out: usize): void {
  const l = f64x2.splat(lowest);
  const h = f64x2.splat(highest);
  const keep = i32x4.splat(0xff);
  for (let k: usize = 0; k < <usize>n; k += 8) {
    const a = v128.and(roundedFour(from + (k << 3), l, h), keep);
    const b = v128.and(roundedFour(from + (k << 3) + 32, l, h), keep);
    const both = i16x8.narrow_i32x4_u(a, b);
    v128.store64_lane(out + k, i8x16.narrow_i16x8_u(both, both), 0);
  }
}

/** n float64 (n even) to float32. */
export function demote(from: usize, n: i32, out: usize): void {
  for (let k: usize = 0; k < <usize>n; k += 2) {
    v128.store64_lane(out + (k << 2), f32x4.demote_f64x2_zero(v128.load(from + (k << 3))), 0);
  }
}
