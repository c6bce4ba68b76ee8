// Axis-aligned, linear: the products of a source row with the weights along x serve every output row that touches it.

/** The neighbours and weights of each output column and row, and where the planes lie. */
@unmanaged
export class LinearJob {
  /** Of a source sample: 2 for int16, 4 for float32, 8 for float64. */
  bytes: i32;
  plane: usize;
  nx: i32;
  ny: i32;
  /** A byte for each source row, 0 where no output row touches it. */
  used: usize;
  /** First neighbours (int32) of n columns, then the second ones; the weights (float64) likewise. */
  index: usize;
  weight: usize;
  n: i32;
  /** Two neighbours (int32) and two weights (float64) a row; a row outside has a negative first neighbour. */
  yIndex: usize;
  yWeight: usize;
  width: i32;
  out: usize;
}

/** Two samples from two places. */
function loadTwo<T>(a: usize, b: usize): v128 {
  return f64x2.replace_lane(f64x2.splat(<f64>load<T>(a)), 1, <f64>load<T>(b));
}

function weigh<T>(job: LinearJob, out: usize): void {
  const index = job.index;
  const weight = job.weight;
  const shift = <usize>alignof<T>();
  const pitch = (<usize>job.n) << 4;
  for (let y = 0, ny = job.ny; y < ny; y += 1) {
    if (!load<u8>(job.used + y)) continue;
    const row = job.plane + ((<usize>(y * job.nx)) << shift);
    const to = out + <usize>y * pitch;
    for (let k: usize = 0; k < pitch; k += 16) {
      const a = row + ((<usize>load<i32>(index + (k >> 1))) << shift);
      const b = row + ((<usize>load<i32>(index + (k >> 1) + 4)) << shift);
      v128.store(to + k, f64x2.mul(loadTwo<T>(a, b), v128.load(weight + k)));
    }
  }
}

/**
 * Every used row of the source plane times the two weights of each output column: n products with the first neighbour,
 * then n with the second.
 */
export function weighPlane(job: LinearJob, out: usize): void {
  if (job.bytes === 2) weigh<i16>(job, out);
  else if (job.bytes === 4) weigh<f32>(job, out);
  else weigh<f64>(job, out);
}

function term(row: usize, at: usize, wy: v128, wz: v128): v128 {
  return f64x2.mul(f64x2.mul(v128.load(row + at), wy), wz);
}

/**
 * Output rows from..to of a plane, from the weighed rows of the two source planes: the eight terms of each column are
 * added with x slowest and z fastest. A row outside becomes 0.
 */
export function mixPlane(job: LinearJob, near: usize, far: usize, wz0: f64, wz1: f64, from: i32, to: i32): void {
  const z0 = f64x2.splat(wz0);
  const z1 = f64x2.splat(wz1);
  const half = (<usize>job.n) << 3;
  const step = (<usize>job.width) << 3;
  let line = job.out;
  // A row of odd width writes one column into the next row, which writes it again.
  for (let y = from; y < to; y += 1, line += step) {
    const pair = (<usize>y) << 1;
    const first = load<i32>(job.yIndex + (pair << 2));
    if (first < 0) {
      memory.fill(line, 0, step);
      continue;
    }
    const row0 = <usize>first * (half << 1);
    const row1 = <usize>load<i32>(job.yIndex + (pair << 2) + 4) * (half << 1);
    const y0 = f64x2.splat(load<f64>(job.yWeight + (pair << 3)));
    const y1 = f64x2.splat(load<f64>(job.yWeight + (pair << 3) + 8));
    const r00 = near + row0;
    const r01 = far + row0;
    const r10 = near + row1;
    const r11 = far + row1;
    for (let at: usize = 0; at < half; at += 16) {
      // From zero, so that a sum of negative zeros is zero.
      let sum = f64x2.add(f64x2.splat(0), term(r00, at, y0, z0));
      sum = f64x2.add(sum, term(r01, at, y0, z1));
      sum = f64x2.add(sum, term(r10, at, y1, z0));
      sum = f64x2.add(sum, term(r11, at, y1, z1));
      sum = f64x2.add(sum, term(r00 + half, at, y0, z0));
      sum = f64x2.add(sum, term(r01 + half, at, y0, z1));
      sum = f64x2.add(sum, term(r10 + half, at, y1, z0));
      sum = f64x2.add(sum, term(r11 + half, at, y1, z1));
      v128.store(line + at, sum);
    }
  }
}
