// Shares of powers of e: computed in float64 and rounded once, each within 6.5e-8 of its value.

/** Added to a number, it leaves the nearest whole one in the low bits: 1.5 × 2^52. */
const SHIFTER: f64 = 6755399441055744;

function line(r: v128, constant: f64, slope: f64): v128 {
  return f64x2.add(f64x2.splat(constant), f64x2.mul(r, f64x2.splat(slope)));
}

/**
 * e^x for x ≤ 0, two lanes of float64, within 2.6e-9: x·log2 e = k + f, and the polynomial of the sixth degree that keeps
 * the relative error of 2^f least for |f| ≤ 1/2. NaN stays NaN; below -700 it is e^-700.
 */
function expOfNegative(x: v128): v128 {
  const t = f64x2.mul(f64x2.pmax(x, f64x2.splat(-700)), f64x2.splat(Math.LOG2E));
  const shifted = f64x2.add(t, f64x2.splat(SHIFTER));
  const f = f64x2.sub(t, f64x2.sub(shifted, f64x2.splat(SHIFTER)));
  const f2 = f64x2.mul(f, f);
  // In pairs of powers, which wait for each other less than one after the other.
  const high = f64x2.add(
    line(f, 0.009617692973088105, 0.0013406644057952623),
    f64x2.mul(f2, f64x2.splat(0.0001559467794295136)),
  );
  const middle = f64x2.add(line(f, 0.24022652782889042, 0.055503105505755844), f64x2.mul(f2, high));
  const sum = f64x2.add(line(f, 1, 0.6931472149682559), f64x2.mul(f2, middle));
  // The low bits of `shifted` are k: added to the exponent.
  return i64x2.add(sum, i64x2.shl(shifted, 52));
}

function lower(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

function upper(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3));
}

function both(power: usize, share0: v128, share1: v128): v128 {
  const low = f32x4.demote_f64x2_zero(f64x2.mul(v128.load(power), share0));
  return v128.shuffle<i32>(low, f32x4.demote_f64x2_zero(f64x2.mul(v128.load(power, 16), share1)), 0, 1, 4, 5);
}

/**
 * Softmax over the channels of n places (a multiple of 8) in place; channels of float32 lie `stride` bytes apart. `powers`
 * is room for 64 bytes a channel.
 */
export function softmaxF32(at: usize, stride: usize, channels: i32, n: i32, powers: usize): void {
  const size = stride * channels;
  const one = f64x2.splat(1);
  for (let place = at, end = at + ((<usize>n) << 2); place < end; place += 32) {
    let peakA = v128.load(place);
    let peakB = v128.load(place, 16);
    for (let p = place + stride; p < place + size; p += stride) {
      peakA = f32x4.pmax(peakA, v128.load(p));
      peakB = f32x4.pmax(peakB, v128.load(p, 16));
    }
    const peak0 = lower(peakA);
    const peak1 = upper(peakA);
    const peak2 = lower(peakB);
    const peak3 = upper(peakB);
    let sum0 = f64x2.splat(0);
    let sum1 = sum0;
    let sum2 = sum0;
    let sum3 = sum0;
    let power = powers;
    for (let p = place; p < place + size; p += stride, power += 64) {
      const a = v128.load(p);
      const b = v128.load(p, 16);
      const power0 = expOfNegative(f64x2.sub(lower(a), peak0));
      const power1 = expOfNegative(f64x2.sub(upper(a), peak1));
      const power2 = expOfNegative(f64x2.sub(lower(b), peak2));
      const power3 = expOfNegative(f64x2.sub(upper(b), peak3));
      sum0 = f64x2.add(sum0, power0);
      sum1 = f64x2.add(sum1, power1);
      sum2 = f64x2.add(sum2, power2);
      sum3 = f64x2.add(sum3, power3);
      v128.store(power, power0);
      v128.store(power, power1, 16);
      v128.store(power, power2, 32);
      v128.store(power, power3, 48);
    }
    const share0 = f64x2.div(one, sum0);
    const share1 = f64x2.div(one, sum1);
    const share2 = f64x2.div(one, sum2);
    const share3 = f64x2.div(one, sum3);
    power = powers;
    for (let p = place; p < place + size; p += stride, power += 64) {
      v128.store(p, both(power, share0, share1));
      v128.store(p, both(power + 32, share2, share3), 16);
    }
  }
}
