// Streaming loops over voxels in AssemblyScript: WebAssembly SIMD where plain JavaScript is far from the machine.
// `npm run build:kernels` compiles this file into src/core/imaging/kernels/volume-module.ts. All pointers are byte
// offsets into the module's memory, aligned to 16; all counts are elements. Every step rounds as numpy's does: float32
// arithmetic stays float32, no products are fused, sums keep their order.

/** Least and greatest of n float32 (n > 0), written to out[0], out[1]; out[2] is 0 unless some element is NaN. */
export function extremesF32(from: usize, n: i32, out: usize): void {
  let low: v128 = f32x4.splat(Infinity);
  let high: v128 = f32x4.splat(-Infinity);
  let odd: v128 = i32x4.splat(0);
  let k = 0;
  for (; k + 4 <= n; k += 4) {
    const x = v128.load(from + ((<usize>k) << 2));
    low = f32x4.pmin(low, x);
    high = f32x4.pmax(high, x);
    odd = v128.or(odd, f32x4.ne(x, x));
  }
  let least = min(
    min(f32x4.extract_lane(low, 0), f32x4.extract_lane(low, 1)),
    min(f32x4.extract_lane(low, 2), f32x4.extract_lane(low, 3)),
  );
  let most = max(
    max(f32x4.extract_lane(high, 0), f32x4.extract_lane(high, 1)),
    max(f32x4.extract_lane(high, 2), f32x4.extract_lane(high, 3)),
  );
  let nan = v128.any_true(odd);
  for (; k < n; k += 1) {
    const x = load<f32>(from + ((<usize>k) << 2));
    if (x < least) least = x;
    if (x > most) most = x;
    if (!(x <= Infinity)) nan = true;
  }
  store<f32>(out, least);
  store<f32>(out + 4, most);
  store<f32>(out + 8, nan ? 1 : 0);
}

/** Least and greatest of n int16 (n > 0), written to out[0], out[1] as float32. */
export function extremesI16(from: usize, n: i32, out: usize): void {
  let low: v128 = i16x8.splat(32767);
  let high: v128 = i16x8.splat(-32768);
  let k = 0;
  for (; k + 8 <= n; k += 8) {
    const x = v128.load(from + ((<usize>k) << 1));
    low = i16x8.min_s(low, x);
    high = i16x8.max_s(high, x);
  }
  v128.store(out, low);
  v128.store(out + 16, high);
  let least = load<i16>(out);
  let most = load<i16>(out + 16);
  for (let lane: usize = 1; lane < 8; lane += 1) {
    least = min(least, load<i16>(out + (lane << 1)));
    most = max(most, load<i16>(out + 16 + (lane << 1)));
  }
  for (; k < n; k += 1) {
    const x = load<i16>(from + ((<usize>k) << 1));
    least = min(least, x);
    most = max(most, x);
  }
  store<f32>(out, <f32>least);
  store<f32>(out + 4, <f32>most);
}

/** x = (x − shift) / divisor × factor + offset in place, four roundings. */
export function stretchF32(at: usize, n: i32, shift: f32, divisor: f32, factor: f32, offset: f32): void {
  const s = f32x4.splat(shift);
  const d = f32x4.splat(divisor);
  const f = f32x4.splat(factor);
  const o = f32x4.splat(offset);
  let k = 0;
  for (; k + 4 <= n; k += 4) {
    const p = at + ((<usize>k) << 2);
    v128.store(p, f32x4.add(f32x4.mul(f32x4.div(f32x4.sub(v128.load(p), s), d), f), o));
  }
  for (; k < n; k += 1) {
    const p = at + ((<usize>k) << 2);
    store<f32>(p, ((load<f32>(p) - shift) / divisor) * factor + offset);
  }
}

/** x = (x − shift) / divisor in place, two roundings. */
export function standardiseF32(at: usize, n: i32, shift: f32, divisor: f32): void {
  const s = f32x4.splat(shift);
  const d = f32x4.splat(divisor);
  let k = 0;
  for (; k + 4 <= n; k += 4) {
    const p = at + ((<usize>k) << 2);
    v128.store(p, f32x4.div(f32x4.sub(v128.load(p), s), d));
  }
  for (; k < n; k += 1) {
    const p = at + ((<usize>k) << 2);
    store<f32>(p, (load<f32>(p) - shift) / divisor);
  }
}

/** x = low where x < low, high where x > high, in place; NaN stays. */
export function clipF32(at: usize, n: i32, low: f32, high: f32): void {
  const l = f32x4.splat(low);
  const h = f32x4.splat(high);
  let k = 0;
  for (; k + 4 <= n; k += 4) {
    const p = at + ((<usize>k) << 2);
    const x = v128.load(p);
    const raised = v128.bitselect(l, x, f32x4.lt(x, l));
    v128.store(p, v128.bitselect(h, raised, f32x4.gt(raised, h)));
  }
  for (; k < n; k += 1) {
    const p = at + ((<usize>k) << 2);
    const x = load<f32>(p);
    if (x < low) store<f32>(p, low);
    else if (x > high) store<f32>(p, high);
  }
}

/** float32 of stored × slope + intercept, computed in float64 and rounded once, from int16. */
export function scaleI16(from: usize, to: usize, n: i32, slope: f64, intercept: f64): void {
  const s = f64x2.splat(slope);
  const b = f64x2.splat(intercept);
  let k = 0;
  for (; k + 4 <= n; k += 4) {
    const wide = i32x4.extend_low_i16x8_s(v128.load64_zero(from + ((<usize>k) << 1)));
    const low = f64x2.add(f64x2.mul(f64x2.convert_low_i32x4_s(wide), s), b);
    const high = f64x2.add(f64x2.mul(f64x2.convert_low_i32x4_s(v128.shuffle<i32>(wide, wide, 2, 3, 2, 3)), s), b);
    const a = f32x4.demote_f64x2_zero(low);
    const c = f32x4.demote_f64x2_zero(high);
    v128.store(to + ((<usize>k) << 2), v128.shuffle<i32>(a, c, 0, 1, 4, 5));
  }
  for (; k < n; k += 1)
    store<f32>(to + ((<usize>k) << 2), <f32>(<f64>load<i16>(from + ((<usize>k) << 1)) * slope + intercept));
}

/**
 * One channel of an argmax: where x is above best (or the first NaN), best = x and label = channel. `labels` are bytes.
 */
export function argmaxStepF32(from: usize, best: usize, labels: usize, n: i32, channel: i32): void {
  const c = i8x16.splat(<i8>channel);
  let k = 0;
  for (; k + 16 <= n; k += 16) {
    const p = from + ((<usize>k) << 2);
    const q = best + ((<usize>k) << 2);
    const m0 = takeLarger(p, q);
    const m1 = takeLarger(p + 16, q + 16);
    const m2 = takeLarger(p + 32, q + 32);
    const m3 = takeLarger(p + 48, q + 48);
    const mask = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3));
    v128.store(labels + k, v128.bitselect(c, v128.load(labels + k), mask));
  }
  for (; k < n; k += 1) {
    const x = load<f32>(from + ((<usize>k) << 2));
    const b = load<f32>(best + ((<usize>k) << 2));
    if (x > b || (!(x <= Infinity) && b <= Infinity)) {
      store<f32>(best + ((<usize>k) << 2), x);
      store<u8>(labels + k, <u8>channel);
    }
  }
}

function takeLarger(from: usize, best: usize): v128 {
  const x = v128.load(from);
  const b = v128.load(best);
  const mask = v128.or(f32x4.gt(x, b), v128.andnot(f32x4.ne(x, x), f32x4.ne(b, b)));
  v128.store(best, v128.bitselect(x, b, mask));
  return mask;
}

/** sum += x × weight, element by element, two roundings. */
export function accumulateF32(sum: usize, from: usize, weight: usize, n: i32): void {
  let k = 0;
  for (; k + 4 <= n; k += 4) {
    const at = (<usize>k) << 2;
    v128.store(sum + at, f32x4.add(v128.load(sum + at), f32x4.mul(v128.load(from + at), v128.load(weight + at))));
  }
  for (; k < n; k += 1) {
    const at = (<usize>k) << 2;
    store<f32>(sum + at, load<f32>(sum + at) + load<f32>(from + at) * load<f32>(weight + at));
  }
}

/** e^x for x ≤ 0, two lanes of float64: x = k·ln 2 + r, Taylor series of e^r to the ninth power. NaN stays NaN. */
function expOfNegative(from: v128): v128 {
  const x = f64x2.pmax(from, f64x2.splat(-700));
  const k = i32x4.trunc_sat_f64x2_s_zero(f64x2.sub(f64x2.mul(x, f64x2.splat(Math.LOG2E)), f64x2.splat(0.5)));
  const whole = f64x2.convert_low_i32x4_s(k);
  const high = f64x2.sub(x, f64x2.mul(whole, f64x2.splat(0.6931471803691238)));
  const r = f64x2.sub(high, f64x2.mul(whole, f64x2.splat(1.9082149292705877e-10)));
  let sum = f64x2.splat(1.0 / 362880.0);
  sum = f64x2.add(f64x2.splat(1.0 / 40320.0), f64x2.mul(r, sum));
  sum = f64x2.add(f64x2.splat(1.0 / 5040.0), f64x2.mul(r, sum));
  sum = f64x2.add(f64x2.splat(1.0 / 720.0), f64x2.mul(r, sum));
  sum = f64x2.add(f64x2.splat(1.0 / 120.0), f64x2.mul(r, sum));
  sum = f64x2.add(f64x2.splat(1.0 / 24.0), f64x2.mul(r, sum));
  sum = f64x2.add(f64x2.splat(1.0 / 6.0), f64x2.mul(r, sum));
  sum = f64x2.add(f64x2.splat(0.5), f64x2.mul(r, sum));
  sum = f64x2.add(f64x2.splat(1), f64x2.mul(r, sum));
  sum = f64x2.add(f64x2.splat(1), f64x2.mul(r, sum));
  const power = i64x2.shl(i64x2.add(i64x2.extend_low_i32x4_s(k), i64x2.splat(1023)), 52);
  return f64x2.mul(sum, power);
}

/** peak = the larger of peak and x, element by element; NaN of x is passed over. n is a multiple of 4. */
export function peakF32(from: usize, peak: usize, n: i32): void {
  for (let k = 0; k < n; k += 4) {
    const at = (<usize>k) << 2;
    v128.store(peak + at, f32x4.pmax(v128.load(peak + at), v128.load(from + at)));
  }
}

/** x = e^(x − peak) in place as float32; the float64 sums grow by it before it is rounded. n is a multiple of 2. */
export function powerF32(at: usize, peak: usize, sum: usize, n: i32): void {
  for (let k = 0; k < n; k += 2) {
    const p = at + ((<usize>k) << 2);
    const q = sum + ((<usize>k) << 3);
    const x = f64x2.promote_low_f32x4(v128.load64_zero(p));
    const power = expOfNegative(f64x2.sub(x, f64x2.promote_low_f32x4(v128.load64_zero(peak + ((<usize>k) << 2)))));
    v128.store(q, f64x2.add(v128.load(q), power));
    v128.store64_lane(p, f32x4.demote_f64x2_zero(power), 0);
  }
}

/** x = x / sum in place, float32 by float64, rounded once. n is a multiple of 2. */
export function shareF32(at: usize, sum: usize, n: i32): void {
  for (let k = 0; k < n; k += 2) {
    const p = at + ((<usize>k) << 2);
    const x = f64x2.promote_low_f32x4(v128.load64_zero(p));
    v128.store64_lane(p, f32x4.demote_f64x2_zero(f64x2.div(x, v128.load(sum + ((<usize>k) << 3)))), 0);
  }
}
