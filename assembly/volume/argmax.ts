// The channel with the greatest value. Channels of float32 lie `stride` bytes apart.

/**
 * For each of n places (a multiple of 16) the channel with the greatest value, as a byte: the first of equals, the first
 * NaN above all.
 */
export function argmaxF32(from: usize, stride: usize, channels: i32, n: i32, labels: usize): void {
  if (!ofNumbers(from, stride, channels, n, labels)) withNaN(from, stride, channels, n, labels);
}

/** False, with labels that mean nothing, when the values may hold a NaN: their sum then is one. */
function ofNumbers(from: usize, stride: usize, channels: i32, n: i32, labels: usize): bool {
  let total = f32x4.splat(0);
  for (let k: usize = 0; k < <usize>n; k += 16) {
    let p = from + (k << 2);
    let b0 = v128.load(p);
    let b1 = v128.load(p, 16);
    let b2 = v128.load(p, 32);
    let b3 = v128.load(p, 48);
    total = f32x4.add(total, f32x4.add(f32x4.add(b0, b1), f32x4.add(b2, b3)));
    let l = i8x16.splat(0);
    let label = l;
    for (const last = p + stride * (channels - 1); p < last; ) {
      p += stride;
      label = i8x16.add(label, i8x16.splat(1));
      const x0 = v128.load(p);
      const x1 = v128.load(p, 16);
      const x2 = v128.load(p, 32);
      const x3 = v128.load(p, 48);
      total = f32x4.add(total, f32x4.add(f32x4.add(x0, x1), f32x4.add(x2, x3)));
      const mask = bytesOf(f32x4.gt(x0, b0), f32x4.gt(x1, b1), f32x4.gt(x2, b2), f32x4.gt(x3, b3));
      // A later channel has the greater number.
      l = i8x16.max_u(l, v128.and(mask, label));
      b0 = f32x4.pmax(b0, x0);
      b1 = f32x4.pmax(b1, x1);
      b2 = f32x4.pmax(b2, x2);
      b3 = f32x4.pmax(b3, x3);
    }
    v128.store(labels + k, l);
  }
  return !v128.any_true(f32x4.ne(total, total));
}

function withNaN(from: usize, stride: usize, channels: i32, n: i32, labels: usize): void {
  for (let k: usize = 0; k < <usize>n; k += 4) {
    let p = from + (k << 2);
    let best = v128.load(p);
    let l = i32x4.splat(0);
    for (let c = 1; c < channels; c += 1) {
      p += stride;
      const x = v128.load(p);
      // Above the best or the first NaN: neither x ≤ best nor best a NaN.
      const better = v128.andnot(f32x4.eq(best, best), f32x4.le(x, best));
      l = v128.bitselect(i32x4.splat(c), l, better);
      best = v128.bitselect(x, best, better);
    }
    const short = i16x8.narrow_i32x4_u(l, l);
    v128.store32_lane(labels + k, i8x16.narrow_i16x8_u(short, short), 0);
  }
}

function bytesOf(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
}
