// Mean and deviation in float64, and values brought to them. Elements that are 0 are counted or not.

function upper(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3));
}

function across(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** Sum of n float32 (n a multiple of 8). */
function sumOf(from: usize, n: i32): f64 {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  for (let p = from, end = from + ((<usize>n) << 2); p < end; p += 32) {
    const x = v128.load(p);
    const y = v128.load(p, 16);
    a = f64x2.add(a, f64x2.promote_low_f32x4(x));
    b = f64x2.add(b, upper(x));
    c = f64x2.add(c, f64x2.promote_low_f32x4(y));
    d = f64x2.add(d, upper(y));
  }
  return across(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)));
}

/** How many of n float32 (n a multiple of 4) are not 0. */
function countNonzero(from: usize, n: i32): i32 {
  let counts = i32x4.splat(0);
  for (let p = from, end = from + ((<usize>n) << 2); p < end; p += 16)
    counts = i32x4.sub(counts, f32x4.ne(v128.load(p), f32x4.splat(0)));
  const pairs = i32x4.add(counts, v128.shuffle<i32>(counts, counts, 2, 3, 0, 1));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}

/** Sum of the squares of what keeps the counted ones of n float32 (n a multiple of 4) from the mean. */
function squaresOf(from: usize, n: i32, mean: f64, all: v128): f64 {
  const m = f64x2.splat(mean);
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  for (let p = from, end = from + ((<usize>n) << 2); p < end; p += 16) {
    const x = v128.load(p);
    const counted = v128.or(all, f32x4.ne(x, f32x4.splat(0)));
    const low = v128.and(f64x2.sub(f64x2.promote_low_f32x4(x), m), v128.shuffle<i32>(counted, counted, 0, 0, 1, 1));
    const high = v128.and(f64x2.sub(upper(x), m), v128.shuffle<i32>(counted, counted, 2, 2, 3, 3));
    a = f64x2.add(a, f64x2.mul(low, low));
    b = f64x2.add(b, f64x2.mul(high, high));
  }
  return across(f64x2.add(a, b));
}

/**
 * Of n float32 (n a multiple of 8; without `nonzero` they all count): how many count, their mean, and the sum of the
 * squares of their distances from it, to out[0..2] as float64.
 */
export function momentsF32(from: usize, n: i32, nonzero: bool, out: usize): void {
  const count = <f64>(nonzero ? countNonzero(from, n) : n);
  const mean = count === 0 ? 0 : sumOf(from, n) / count;
  store<f64>(out, count);
  store<f64>(out + 8, mean);
  store<f64>(out + 16, squaresOf(from, n, mean, i32x4.splat(nonzero ? 0 : -1)));
}

/** x = (x - mean) × factor in float64, rounded once, in place; with `nonzero` only where x is not 0. n is a multiple of 4. */
export function centreF32(at: usize, n: i32, mean: f64, factor: f64, nonzero: bool): void {
  const m = f64x2.splat(mean);
  const f = f64x2.splat(factor);
  const all = i32x4.splat(nonzero ? 0 : -1);
  for (let p = at, end = at + ((<usize>n) << 2); p < end; p += 16) {
    const x = v128.load(p);
    const low = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(x), m), f);
    const high = f64x2.mul(f64x2.sub(upper(x), m), f);
    const y = v128.shuffle<i32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
    // What does not count is a zero, of either sign.
    v128.store(p, v128.bitselect(y, x, v128.or(all, f32x4.ne(x, f32x4.splat(0)))));
  }
}
