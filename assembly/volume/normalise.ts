// Element-wise arithmetic in place, each step rounded to float32, no products fused. n is a multiple of 4 everywhere.

/** x = (x − shift) / divisor × factor + offset in place, four roundings. */
export function stretchF32(at: usize, n: i32, shift: f32, divisor: f32, factor: f32, offset: f32): void {
  const s = f32x4.splat(shift);
  const d = f32x4.splat(divisor);
  const f = f32x4.splat(factor);
  const o = f32x4.splat(offset);
  for (let p = at, end = at + ((<usize>n) << 2); p < end; p += 16)
    v128.store(p, f32x4.add(f32x4.mul(f32x4.div(f32x4.sub(v128.load(p), s), d), f), o));
}

/** x = (x − shift) / divisor in place, two roundings. */
export function standardiseF32(at: usize, n: i32, shift: f32, divisor: f32): void {
  const s = f32x4.splat(shift);
  const d = f32x4.splat(divisor);
  for (let p = at, end = at + ((<usize>n) << 2); p < end; p += 16)
    v128.store(p, f32x4.div(f32x4.sub(v128.load(p), s), d));
}

/** x = low where x < low, high where x > high, in place; NaN stays. */
export function clipF32(at: usize, n: i32, low: f32, high: f32): void {
  const l = f32x4.splat(low);
  const h = f32x4.splat(high);
  for (let p = at, end = at + ((<usize>n) << 2); p < end; p += 16) {
    const x = v128.load(p);
    const raised = v128.bitselect(l, x, f32x4.lt(x, l));
    v128.store(p, v128.bitselect(h, raised, f32x4.gt(raised, h)));
  }
}
