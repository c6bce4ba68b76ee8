// Comparisons as numbers.

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
