// Trilinear interpolation under any affine transform: eight terms, each multiplied axis by axis, x slowest and z fastest.
import { indexOf, SlantJob, two } from './slant';

/** Two samples that lie side by side. */
function loadPair<T>(at: usize): v128 {
  if (sizeof<T>() === 2) return f64x2.convert_low_i32x4_s(i32x4.extend_low_i16x8_s(v128.load32_zero(at)));
  if (sizeof<T>() === 4) return f64x2.promote_low_f32x4(v128.load64_zero(at));
  return v128.load(at);
}

function low(a: v128, b: v128): v128 {
  return v128.shuffle<f64>(a, b, 0, 2);
}

function high(a: v128, b: v128): v128 {
  return v128.shuffle<f64>(a, b, 1, 3);
}

/** One column inside; a sample past the last would weigh nothing, so that the last stands for it. */
function sampleOne<T>(job: SlantJob, source: usize, column: usize): f64 {
  const cx = job.x(column);
  const cy = job.y(column);
  const cz = job.z(column);
  const x0 = <i32>Math.floor(cx);
  const y0 = <i32>Math.floor(cy);
  const z0 = <i32>Math.floor(cz);
  const shift = <usize>alignof<T>();
  const plane = job.nx * job.ny;
  const x1 = x0 + 1 < job.nx ? 1 : 0;
  const y1 = y0 + 1 < job.ny ? job.nx : 0;
  const z1 = z0 + 1 < job.nz ? plane : 0;
  const wx0 = 1 - (cx - <f64>x0);
  const wy0 = 1 - (cy - <f64>y0);
  const wz0 = 1 - (cz - <f64>z0);
  const wx1 = 1 - wx0;
  const wy1 = 1 - wy0;
  const wz1 = 1 - wz0;
  const at = x0 + y0 * job.nx + z0 * plane;
  let sum: f64 = 0;
  sum += <f64>load<T>(source + ((<usize>at) << shift)) * wx0 * wy0 * wz0;
  sum += <f64>load<T>(source + ((<usize>(at + z1)) << shift)) * wx0 * wy0 * wz1;
  sum += <f64>load<T>(source + ((<usize>(at + y1)) << shift)) * wx0 * wy1 * wz0;
  sum += <f64>load<T>(source + ((<usize>(at + y1 + z1)) << shift)) * wx0 * wy1 * wz1;
  sum += <f64>load<T>(source + ((<usize>(at + x1)) << shift)) * wx1 * wy0 * wz0;
  sum += <f64>load<T>(source + ((<usize>(at + x1 + z1)) << shift)) * wx1 * wy0 * wz1;
  sum += <f64>load<T>(source + ((<usize>(at + x1 + y1)) << shift)) * wx1 * wy1 * wz0;
  sum += <f64>load<T>(source + ((<usize>(at + x1 + y1 + z1)) << shift)) * wx1 * wy1 * wz1;
  return sum;
}

/** Two neighbours along x of one column times their weights. */
function corner<T>(at: usize, wx: v128, wy: v128, wz: v128): v128 {
  return f64x2.mul(f64x2.mul(f64x2.mul(loadPair<T>(at), wx), wy), wz);
}

/** Two inner columns a and b: for each, x0 lies in lane 0 and x1 in lane 1 until the terms are added. */
function sampleTwo<T>(
  source: usize,
  cx: v128,
  cy: v128,
  cz: v128,
  row: v128,
  plane: v128,
  stepY: usize,
  stepZ: usize,
): v128 {
  const shift = <usize>alignof<T>();
  const one = f64x2.splat(1);
  const fx = f64x2.floor(cx);
  const fy = f64x2.floor(cy);
  const fz = f64x2.floor(cz);
  const wx0 = f64x2.sub(one, f64x2.sub(cx, fx));
  const wy0 = f64x2.sub(one, f64x2.sub(cy, fy));
  const wz0 = f64x2.sub(one, f64x2.sub(cz, fz));
  const wx1 = f64x2.sub(one, wx0);
  const wy1 = f64x2.sub(one, wy0);
  const wz1 = f64x2.sub(one, wz0);
  const index = indexOf(fx, f64x2.mul(fy, row), f64x2.mul(fz, plane));
  const a = source + ((<usize>i32x4.extract_lane(index, 0)) << shift);
  const b = source + ((<usize>i32x4.extract_lane(index, 2)) << shift);
  const ax = low(wx0, wx1);
  const bx = high(wx0, wx1);
  const ay0 = low(wy0, wy0);
  const by0 = high(wy0, wy0);
  const ay1 = low(wy1, wy1);
  const by1 = high(wy1, wy1);
  const az0 = low(wz0, wz0);
  const bz0 = high(wz0, wz0);
  const az1 = low(wz1, wz1);
  const bz1 = high(wz1, wz1);
  const a00 = corner<T>(a, ax, ay0, az0);
  const b00 = corner<T>(b, bx, by0, bz0);
  const a01 = corner<T>(a + stepZ, ax, ay0, az1);
  const b01 = corner<T>(b + stepZ, bx, by0, bz1);
  const a10 = corner<T>(a + stepY, ax, ay1, az0);
  const b10 = corner<T>(b + stepY, bx, by1, bz0);
  const a11 = corner<T>(a + stepY + stepZ, ax, ay1, az1);
  const b11 = corner<T>(b + stepY + stepZ, bx, by1, bz1);
  let sum = f64x2.add(f64x2.splat(0), low(a00, b00));
  sum = f64x2.add(sum, low(a01, b01));
  sum = f64x2.add(sum, low(a10, b10));
  sum = f64x2.add(sum, low(a11, b11));
  sum = f64x2.add(sum, high(a00, b00));
  sum = f64x2.add(sum, high(a01, b01));
  sum = f64x2.add(sum, high(a10, b10));
  return f64x2.add(sum, high(a11, b11));
}

function linear<T>(job: SlantJob, source: usize, z: i32, y: i32, rows: i32): void {
  const stop = (<usize>job.width) << 3;
  const stepY = (<usize>job.nx) << alignof<T>();
  const stepZ = stepY * job.ny;
  const xs = job.xs;
  const ys = job.ys;
  const zs = job.zs;
  const nx = f64x2.splat(job.rowLength);
  const plane = f64x2.splat(job.planeLength);
  let line = job.out;
  for (let row = 0; row < rows; row += 1, line += stop) {
    job.moveTo(y + row, z);
    let at: usize = 0;
    for (; at < stop && !job.isInside(at); at += 8) store<f64>(line + at, 0);
    let end = stop;
    for (; end > at && !job.isInside(end - 8); end -= 8) store<f64>(line + end - 8, 0);
    for (; at < end && !job.isInner(at); at += 8) store<f64>(line + at, sampleOne<T>(job, source, at));
    for (; end > at && !job.isInner(end - 8); end -= 8) store<f64>(line + end - 8, sampleOne<T>(job, source, end - 8));
    const ax = f64x2.splat(job.ax);
    const ay = f64x2.splat(job.ay);
    const az = f64x2.splat(job.az);
    const sx = f64x2.splat(job.sx);
    const sy = f64x2.splat(job.sy);
    const sz = f64x2.splat(job.sz);
    // Each coordinate rises or falls along a row, rounding included: between the two everything is inner.
    for (; at + 16 <= end; at += 16) {
      const cx = two(xs + at, ax, sx);
      const cy = two(ys + at, ay, sy);
      const cz = two(zs + at, az, sz);
      v128.store(line + at, sampleTwo<T>(source, cx, cy, cz, nx, plane, stepY, stepZ));
    }
    if (at < end) store<f64>(line + at, sampleOne<T>(job, source, at));
  }
}

/**
 * `rows` output rows of plane z from y on, as float64. `source` is where sample 0 of the volume would lie: the planes that
 * the rows touch must be in memory, the others need not.
 */
export function slantLinear(job: SlantJob, source: usize, z: i32, y: i32, rows: i32): void {
  if (job.bytes === 2) linear<i16>(job, source, z, y, rows);
  else if (job.bytes === 4) linear<f32>(job, source, z, y, rows);
  else linear<f64>(job, source, z, y, rows);
}
