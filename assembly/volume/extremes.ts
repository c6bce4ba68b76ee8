// Least and greatest elements.

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
