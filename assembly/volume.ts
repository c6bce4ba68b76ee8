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
 * For each of n places (a multiple of 16) the channel with the greatest value, as a byte: the first of equals, the first
 * NaN above all. Channels of float32 lie `stride` bytes apart.
 */
export function argmaxF32(from: usize, stride: usize, channels: i32, n: i32, labels: usize): void {
  for (let k: usize = 0; k < <usize>n; k += 16) {
    let p = from + (k << 2);
    let b0 = v128.load(p);
    let b1 = v128.load(p, 16);
    let b2 = v128.load(p, 32);
    let b3 = v128.load(p, 48);
    let l = i8x16.splat(0);
    for (let c = 1; c < channels; c += 1) {
      p += stride;
      const x0 = v128.load(p);
      const x1 = v128.load(p, 16);
      const x2 = v128.load(p, 32);
      const x3 = v128.load(p, 48);
      const m0 = beats(x0, b0);
      const m1 = beats(x1, b1);
      const m2 = beats(x2, b2);
      const m3 = beats(x3, b3);
      const mask = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3));
      l = v128.bitselect(i8x16.splat(<i8>c), l, mask);
      b0 = v128.bitselect(x0, b0, m0);
      b1 = v128.bitselect(x1, b1, m1);
      b2 = v128.bitselect(x2, b2, m2);
      b3 = v128.bitselect(x3, b3, m3);
    }
    v128.store(labels + k, l);
  }
}

/** Where x is above best, or the first NaN: neither x ≤ best nor best a NaN. */
function beats(x: v128, best: v128): v128 {
  return v128.andnot(f32x4.eq(best, best), f32x4.le(x, best));
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

/** x > limit (0), x < limit (1), x >= limit (2) or x <= limit (3) as 1 or 0, in place. n is a multiple of 4. */
export function compareF32(at: usize, n: i32, limit: f32, relation: i32): void {
  const l = f32x4.splat(limit);
  const one = f32x4.splat(1);
  const end = at + ((<usize>n) << 2);
  if (relation === 0) {
    for (let p = at; p < end; p += 16) v128.store(p, v128.and(f32x4.gt(v128.load(p), l), one));
  } else if (relation === 1) {
    for (let p = at; p < end; p += 16) v128.store(p, v128.and(f32x4.lt(v128.load(p), l), one));
  } else if (relation === 2) {
    for (let p = at; p < end; p += 16) v128.store(p, v128.and(f32x4.ge(v128.load(p), l), one));
  } else {
    for (let p = at; p < end; p += 16) v128.store(p, v128.and(f32x4.le(v128.load(p), l), one));
  }
}

/** Float32 1 where a byte is the label, else 0. n is a multiple of 16. */
export function matchU8(from: usize, n: i32, label: i32, to: usize): void {
  const l = i8x16.splat(<i8>label);
  const one = f32x4.splat(1);
  for (let k: usize = 0; k < <usize>n; k += 16) {
    const equal = i8x16.eq(v128.load(from + k), l);
    const low = i16x8.extend_low_i8x16_s(equal);
    const high = i16x8.extend_high_i8x16_s(equal);
    const p = to + (k << 2);
    v128.store(p, v128.and(i32x4.extend_low_i16x8_s(low), one));
    v128.store(p, v128.and(i32x4.extend_high_i16x8_s(low), one), 16);
    v128.store(p, v128.and(i32x4.extend_low_i16x8_s(high), one), 32);
    v128.store(p, v128.and(i32x4.extend_high_i16x8_s(high), one), 48);
  }
}

/** Float32 1 where a float32 is the label, else 0, to another place. n is a multiple of 4. */
export function matchF32(from: usize, n: i32, label: f32, to: usize): void {
  const l = f32x4.splat(label);
  const one = f32x4.splat(1);
  for (let k: usize = 0; k < (<usize>n) << 2; k += 16)
    v128.store(to + k, v128.and(f32x4.eq(v128.load(from + k), l), one));
}

/** Adds n float32 to the float64 sum at out[0], one after the other, and how many are not 0 to out[1]. */
export function sumF32(from: usize, n: i32, out: usize): void {
  let sum = load<f64>(out);
  let count: i32 = 0;
  for (let p = from, end = from + ((<usize>n) << 2); p < end; p += 4) {
    const x = load<f32>(p);
    sum += <f64>x;
    count += <i32>(x !== 0);
  }
  store<f64>(out, sum);
  store<f64>(out + 8, load<f64>(out + 8) + <f64>count);
}

/** Adds the squares of n float32 less the mean to the float64 sum at out, one after the other. */
export function squaresF32(from: usize, n: i32, mean: f64, out: usize): void {
  let sum = load<f64>(out);
  for (let p = from, end = from + ((<usize>n) << 2); p < end; p += 4) {
    const apart = <f64>load<f32>(p) - mean;
    sum += apart * apart;
  }
  store<f64>(out, sum);
}

/** x = (x - mean) / divisor in float64, rounded once, where x is not 0; in place. n is a multiple of 4. */
export function centreNonzeroF32(at: usize, n: i32, mean: f64, divisor: f64): void {
  const m = f64x2.splat(mean);
  const d = f64x2.splat(divisor);
  const zero = f32x4.splat(0);
  for (let p = at, end = at + ((<usize>n) << 2); p < end; p += 16) {
    const x = v128.load(p);
    const low = f64x2.div(f64x2.sub(f64x2.promote_low_f32x4(x), m), d);
    const high = f64x2.div(f64x2.sub(f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3)), m), d);
    const y = v128.shuffle<i32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
    v128.store(p, v128.bitselect(x, y, f32x4.eq(x, zero)));
  }
}
