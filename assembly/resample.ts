// Resampling of whole planes in AssemblyScript, with the sums and roundings of scipy in scipy's order: float64 throughout,
// no products fused. `npm run build:kernels` compiles this file into src/core/imaging/kernels/resample-module.ts. Source
// samples lie in the module's memory as int16, float32 or float64, x fastest. All pointers are byte offsets; lengths of
// rows of float64 are even.

/** A whole number of samples that lie side by side as two lanes of float64. */
function loadPair<T>(at: usize): v128 {
  if (sizeof<T>() === 2) return f64x2.convert_low_i32x4_s(i32x4.extend_low_i16x8_s(v128.load32_zero(at)));
  if (sizeof<T>() === 4) return f64x2.promote_low_f32x4(v128.load64_zero(at));
  return v128.load(at);
}

/** Two samples from two places. */
function loadTwo<T>(a: usize, b: usize): v128 {
  return f64x2.replace_lane(f64x2.splat(<f64>load<T>(a)), 1, <f64>load<T>(b));
}

function low(a: v128, b: v128): v128 {
  return v128.shuffle<f64>(a, b, 0, 2);
}

function high(a: v128, b: v128): v128 {
  return v128.shuffle<f64>(a, b, 1, 3);
}

// Axis-aligned, linear ------------------------------------------------------------------------------------------------

/**
 * Every used row of a source plane times the two weights of each output column: n products with the first neighbour, then
 * n with the second. `index` holds the first neighbours and then the second, `weight` likewise.
 */
function weighPlane<T>(
  plane: usize,
  nx: i32,
  ny: i32,
  used: usize,
  index: usize,
  weight: usize,
  n: i32,
  out: usize,
): void {
  const half = (<usize>n) << 3;
  const shift = <usize>alignof<T>();
  for (let y = 0; y < ny; y += 1) {
    if (!load<u8>(used + y)) continue;
    const row = plane + ((<usize>(y * nx)) << shift);
    const to = out + <usize>y * (half << 1);
    for (let k: usize = 0; k < (<usize>n) << 1; k += 2) {
      const a = row + ((<usize>load<i32>(index + (k << 2))) << shift);
      const b = row + ((<usize>load<i32>(index + (k << 2) + 4)) << shift);
      v128.store(to + (k << 3), f64x2.mul(loadTwo<T>(a, b), v128.load(weight + (k << 3))));
    }
  }
}

export function weighPlaneI16(
  plane: usize,
  nx: i32,
  ny: i32,
  used: usize,
  index: usize,
  weight: usize,
  n: i32,
  out: usize,
): void {
  weighPlane<i16>(plane, nx, ny, used, index, weight, n, out);
}

export function weighPlaneF32(
  plane: usize,
  nx: i32,
  ny: i32,
  used: usize,
  index: usize,
  weight: usize,
  n: i32,
  out: usize,
): void {
  weighPlane<f32>(plane, nx, ny, used, index, weight, n, out);
}

export function weighPlaneF64(
  plane: usize,
  nx: i32,
  ny: i32,
  used: usize,
  index: usize,
  weight: usize,
  n: i32,
  out: usize,
): void {
  weighPlane<f64>(plane, nx, ny, used, index, weight, n, out);
}

function term(row: usize, at: usize, wy: v128, wz: v128): v128 {
  return f64x2.mul(f64x2.mul(v128.load(row + at), wy), wz);
}

/**
 * Output rows from..to of a plane, from the weighed rows of the two source planes: the eight terms of each column are
 * added with x slowest and z fastest. `yIndex` and `yWeight` hold two entries a row; a row whose first index is negative
 * lies outside and becomes 0.
 */
export function mixPlane(
  near: usize,
  far: usize,
  n: i32,
  width: i32,
  from: i32,
  to: i32,
  yIndex: usize,
  yWeight: usize,
  wz0: f64,
  wz1: f64,
  out: usize,
): void {
  const z0 = f64x2.splat(wz0);
  const z1 = f64x2.splat(wz1);
  const half = (<usize>n) << 3;
  const step = (<usize>width) << 3;
  let line = out;
  // A row of odd width writes one column into the next row, which writes it again.
  for (let y = from; y < to; y += 1, line += step) {
    const pair = (<usize>y) << 1;
    const first = load<i32>(yIndex + (pair << 2));
    if (first < 0) {
      memory.fill(line, 0, step);
      continue;
    }
    const row0 = <usize>first * (half << 1);
    const row1 = <usize>load<i32>(yIndex + (pair << 2) + 4) * (half << 1);
    const y0 = f64x2.splat(load<f64>(yWeight + (pair << 3)));
    const y1 = f64x2.splat(load<f64>(yWeight + (pair << 3) + 8));
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

// Axis-aligned, nearest -----------------------------------------------------------------------------------------------

/**
 * One output plane of samples that are moved, not computed with. `index` holds the source column of each output column
 * from..to, zeros stand outside; `rows` the first sample of each output row in the plane, or a negative number outside.
 */
function gatherPlane<T>(
  plane: usize,
  index: usize,
  from: i32,
  to: i32,
  rows: usize,
  width: i32,
  height: i32,
  out: usize,
): void {
  const shift = <usize>alignof<T>();
  const step = (<usize>width) << shift;
  let line = out;
  for (let y = 0; y < height; y += 1, line += step) {
    const start = load<i32>(rows + ((<usize>y) << 2));
    if (y > 0 && start === load<i32>(rows + ((<usize>y) << 2) - 4)) {
      memory.copy(line, line - step, step);
      continue;
    }
    memory.fill(line, 0, step);
    if (start < 0) continue;
    const row = plane + ((<usize>start) << shift);
    for (let x = from; x < to; x += 1)
      store<T>(line + ((<usize>x) << shift), load<T>(row + ((<usize>load<i32>(index + ((<usize>x) << 2))) << shift)));
  }
}

export function gatherPlane8(
  plane: usize,
  index: usize,
  from: i32,
  to: i32,
  rows: usize,
  width: i32,
  height: i32,
  out: usize,
): void {
  gatherPlane<u8>(plane, index, from, to, rows, width, height, out);
}

export function gatherPlane16(
  plane: usize,
  index: usize,
  from: i32,
  to: i32,
  rows: usize,
  width: i32,
  height: i32,
  out: usize,
): void {
  gatherPlane<u16>(plane, index, from, to, rows, width, height, out);
}

export function gatherPlane32(
  plane: usize,
  index: usize,
  from: i32,
  to: i32,
  rows: usize,
  width: i32,
  height: i32,
  out: usize,
): void {
  gatherPlane<u32>(plane, index, from, to, rows, width, height, out);
}

export function gatherPlane64(
  plane: usize,
  index: usize,
  from: i32,
  to: i32,
  rows: usize,
  width: i32,
  height: i32,
  out: usize,
): void {
  gatherPlane<u64>(plane, index, from, to, rows, width, height, out);
}

// Oblique -------------------------------------------------------------------------------------------------------------

/**
 * Where a band of output rows lies: xs, ys, zs are the offset plus the share of x of each column, one after the other, n
 * apart; a row adds its y times m, then z's share.
 */
function coordinate(column: usize, a: f64, b: f64): f64 {
  return load<f64>(column) + a + b;
}

function pairOf(column: usize, a: v128, b: v128): v128 {
  return f64x2.add(f64x2.add(v128.load(column), a), b);
}

/** Two whole numbers from 0 below 2^31 as int32 in lanes 0 and 2: what 2^52 more leaves in the low bits of a float64. */
function placeOf(index: v128): v128 {
  return f64x2.add(index, f64x2.splat(4503599627370496));
}

/** One column whose neighbours may lie past the border: 0 outside; a neighbour past the last sample is read mirrored. */
function sampleOne<T>(source: usize, nx: i32, ny: i32, nz: i32, cx: f64, cy: f64, cz: f64): f64 {
  if (!(cx >= 0 && cy >= 0 && cz >= 0 && cx <= nx - 1 && cy <= ny - 1 && cz <= nz - 1)) return 0;
  const x0 = <i32>Math.floor(cx);
  const y0 = <i32>Math.floor(cy);
  const z0 = <i32>Math.floor(cz);
  const shift = <usize>alignof<T>();
  const plane = nx * ny;
  const x1 = x0 + 1 < nx ? 1 : nx > 1 ? -1 : 0;
  const y1 = y0 + 1 < ny ? nx : ny > 1 ? -nx : 0;
  const z1 = z0 + 1 < nz ? plane : nz > 1 ? -plane : 0;
  const wx0 = 1 - (cx - <f64>x0);
  const wy0 = 1 - (cy - <f64>y0);
  const wz0 = 1 - (cz - <f64>z0);
  const wx1 = 1 - wx0;
  const wy1 = 1 - wy0;
  const wz1 = 1 - wz0;
  const at = x0 + y0 * nx + z0 * plane;
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

/** The four neighbours pairs of a column times their weights, x0 in lane 0 and x1 in lane 1. */
function corner<T>(at: usize, wx: v128, wy: v128, wz: v128): v128 {
  return f64x2.mul(f64x2.mul(f64x2.mul(loadPair<T>(at), wx), wy), wz);
}

/**
 * Trilinear interpolation of `rows` output rows from `y` on under any affine transform into float64. `source` is where
 * sample 0 of the volume would lie: the planes that the rows touch must be in memory, the others need not.
 */
function slantLinear<T>(
  source: usize,
  nx: i32,
  ny: i32,
  nz: i32,
  xs: usize,
  n: i32,
  y: i32,
  rows: i32,
  mx: f64,
  my: f64,
  mz: f64,
  sx: f64,
  sy: f64,
  sz: f64,
  width: i32,
  out: usize,
): void {
  const step = (<usize>n) << 3;
  const ys = xs + step;
  const zs = ys + step;
  const shift = <usize>alignof<T>();
  const stepY = (<usize>nx) << shift;
  const stepZ = (<usize>(nx * ny)) << shift;
  const widthV = f64x2.splat(<f64>nx);
  const planeV = f64x2.splat(<f64>(nx * ny));
  const one = f64x2.splat(1);
  const zxV = f64x2.splat(sx);
  const zyV = f64x2.splat(sy);
  const zzV = f64x2.splat(sz);
  const lastX = <f64>(nx - 1);
  const lastY = <f64>(ny - 1);
  const lastZ = <f64>(nz - 1);
  for (let row = 0; row < rows; row += 1) {
    const line = out + ((<usize>(row * width)) << 3);
    const ax = mx * <f64>(y + row);
    const ay = my * <f64>(y + row);
    const az = mz * <f64>(y + row);
    let first: i32 = 0;
    for (; first < width; first += 1) {
      const k = (<usize>first) << 3;
      const cx = coordinate(xs + k, ax, sx);
      const cy = coordinate(ys + k, ay, sy);
      const cz = coordinate(zs + k, az, sz);
      if (cx >= 0 && cy >= 0 && cz >= 0 && cx < lastX && cy < lastY && cz < lastZ) break;
      store<f64>(line + k, sampleOne<T>(source, nx, ny, nz, cx, cy, cz));
    }
    let end = width;
    for (; end > first; end -= 1) {
      const k = (<usize>(end - 1)) << 3;
      const cx = coordinate(xs + k, ax, sx);
      const cy = coordinate(ys + k, ay, sy);
      const cz = coordinate(zs + k, az, sz);
      if (cx >= 0 && cy >= 0 && cz >= 0 && cx < lastX && cy < lastY && cz < lastZ) break;
      store<f64>(line + k, sampleOne<T>(source, nx, ny, nz, cx, cy, cz));
    }
    // Each coordinate rises or falls along a row, rounding included: between the two everything is inner.
    const axV = f64x2.splat(ax);
    const ayV = f64x2.splat(ay);
    const azV = f64x2.splat(az);
    let at = first;
    for (; at + 2 <= end; at += 2) {
      const k = (<usize>at) << 3;
      const cx = pairOf(xs + k, axV, zxV);
      const cy = pairOf(ys + k, ayV, zyV);
      const cz = pairOf(zs + k, azV, zzV);
      const fx = f64x2.floor(cx);
      const fy = f64x2.floor(cy);
      const fz = f64x2.floor(cz);
      const wx0 = f64x2.sub(one, f64x2.sub(cx, fx));
      const wy0 = f64x2.sub(one, f64x2.sub(cy, fy));
      const wz0 = f64x2.sub(one, f64x2.sub(cz, fz));
      const wx1 = f64x2.sub(one, wx0);
      const wy1 = f64x2.sub(one, wy0);
      const wz1 = f64x2.sub(one, wz0);
      const place = placeOf(f64x2.add(f64x2.add(fx, f64x2.mul(fy, widthV)), f64x2.mul(fz, planeV)));
      const a = source + ((<usize>i32x4.extract_lane(place, 0)) << shift);
      const b = source + ((<usize>i32x4.extract_lane(place, 2)) << shift);
      const ax0 = low(wx0, wx1);
      const bx0 = high(wx0, wx1);
      const ay0 = low(wy0, wy0);
      const by0 = high(wy0, wy0);
      const ay1 = low(wy1, wy1);
      const by1 = high(wy1, wy1);
      const az0 = low(wz0, wz0);
      const bz0 = high(wz0, wz0);
      const az1 = low(wz1, wz1);
      const bz1 = high(wz1, wz1);
      const a00 = corner<T>(a, ax0, ay0, az0);
      const b00 = corner<T>(b, bx0, by0, bz0);
      const a01 = corner<T>(a + stepZ, ax0, ay0, az1);
      const b01 = corner<T>(b + stepZ, bx0, by0, bz1);
      const a10 = corner<T>(a + stepY, ax0, ay1, az0);
      const b10 = corner<T>(b + stepY, bx0, by1, bz0);
      const a11 = corner<T>(a + stepY + stepZ, ax0, ay1, az1);
      const b11 = corner<T>(b + stepY + stepZ, bx0, by1, bz1);
      let sum = f64x2.add(f64x2.splat(0), low(a00, b00));
      sum = f64x2.add(sum, low(a01, b01));
      sum = f64x2.add(sum, low(a10, b10));
      sum = f64x2.add(sum, low(a11, b11));
      sum = f64x2.add(sum, high(a00, b00));
      sum = f64x2.add(sum, high(a01, b01));
      sum = f64x2.add(sum, high(a10, b10));
      sum = f64x2.add(sum, high(a11, b11));
      v128.store(line + k, sum);
    }
    if (at < end) {
      const k = (<usize>at) << 3;
      const cx = coordinate(xs + k, ax, sx);
      const cy = coordinate(ys + k, ay, sy);
      store<f64>(line + k, sampleOne<T>(source, nx, ny, nz, cx, cy, coordinate(zs + k, az, sz)));
    }
  }
}

export function slantLinearI16(
  source: usize,
  nx: i32,
  ny: i32,
  nz: i32,
  xs: usize,
  n: i32,
  y: i32,
  rows: i32,
  mx: f64,
  my: f64,
  mz: f64,
  sx: f64,
  sy: f64,
  sz: f64,
  width: i32,
  out: usize,
): void {
  slantLinear<i16>(source, nx, ny, nz, xs, n, y, rows, mx, my, mz, sx, sy, sz, width, out);
}

export function slantLinearF32(
  source: usize,
  nx: i32,
  ny: i32,
  nz: i32,
  xs: usize,
  n: i32,
  y: i32,
  rows: i32,
  mx: f64,
  my: f64,
  mz: f64,
  sx: f64,
  sy: f64,
  sz: f64,
  width: i32,
  out: usize,
): void {
  slantLinear<f32>(source, nx, ny, nz, xs, n, y, rows, mx, my, mz, sx, sy, sz, width, out);
}

export function slantLinearF64(
  source: usize,
  nx: i32,
  ny: i32,
  nz: i32,
  xs: usize,
  n: i32,
  y: i32,
  rows: i32,
  mx: f64,
  my: f64,
  mz: f64,
  sx: f64,
  sy: f64,
  sz: f64,
  width: i32,
  out: usize,
): void {
  slantLinear<f64>(source, nx, ny, nz, xs, n, y, rows, mx, my, mz, sx, sy, sz, width, out);
}

/** The same for the nearest sample, ties going up; words of any size are moved, not computed with. n may be odd. */
function slantNearest<T>(
  source: usize,
  nx: i32,
  ny: i32,
  nz: i32,
  xs: usize,
  n: i32,
  y: i32,
  rows: i32,
  mx: f64,
  my: f64,
  mz: f64,
  sx: f64,
  sy: f64,
  sz: f64,
  width: i32,
  out: usize,
): void {
  const step = (<usize>n) << 3;
  const ys = xs + step;
  const zs = ys + step;
  const shift = <usize>alignof<T>();
  const widthV = f64x2.splat(<f64>nx);
  const planeV = f64x2.splat(<f64>(nx * ny));
  const half = f64x2.splat(0.5);
  const zxV = f64x2.splat(sx);
  const zyV = f64x2.splat(sy);
  const zzV = f64x2.splat(sz);
  const lastX = <f64>(nx - 1);
  const lastY = <f64>(ny - 1);
  const lastZ = <f64>(nz - 1);
  for (let row = 0; row < rows; row += 1) {
    const line = out + ((<usize>(row * width)) << shift);
    const ax = mx * <f64>(y + row);
    const ay = my * <f64>(y + row);
    const az = mz * <f64>(y + row);
    let first: i32 = 0;
    for (; first < width; first += 1) {
      const k = (<usize>first) << 3;
      const cx = coordinate(xs + k, ax, sx);
      const cy = coordinate(ys + k, ay, sy);
      const cz = coordinate(zs + k, az, sz);
      if (cx >= 0 && cy >= 0 && cz >= 0 && cx <= lastX && cy <= lastY && cz <= lastZ) break;
      store<T>(line + ((<usize>first) << shift), <T>0);
    }
    let end = width;
    for (; end > first; end -= 1) {
      const k = (<usize>(end - 1)) << 3;
      const cx = coordinate(xs + k, ax, sx);
      const cy = coordinate(ys + k, ay, sy);
      const cz = coordinate(zs + k, az, sz);
      if (cx >= 0 && cy >= 0 && cz >= 0 && cx <= lastX && cy <= lastY && cz <= lastZ) break;
      store<T>(line + ((<usize>(end - 1)) << shift), <T>0);
    }
    const axV = f64x2.splat(ax);
    const ayV = f64x2.splat(ay);
    const azV = f64x2.splat(az);
    let to = line + ((<usize>first) << shift);
    let k = (<usize>first) << 3;
    const stop = (<usize>end) << 3;
    for (; k + 16 <= stop; k += 16) {
      const fx = f64x2.floor(f64x2.add(pairOf(xs + k, axV, zxV), half));
      const fy = f64x2.floor(f64x2.add(pairOf(ys + k, ayV, zyV), half));
      const fz = f64x2.floor(f64x2.add(pairOf(zs + k, azV, zzV), half));
      const place = placeOf(f64x2.add(f64x2.add(fx, f64x2.mul(fy, widthV)), f64x2.mul(fz, planeV)));
      store<T>(to, load<T>(source + ((<usize>i32x4.extract_lane(place, 0)) << shift)));
      store<T>(to, load<T>(source + ((<usize>i32x4.extract_lane(place, 2)) << shift)), sizeof<T>());
      to += sizeof<T>() << 1;
    }
    if (k < stop) {
      const x = <i32>Math.floor(coordinate(xs + k, ax, sx) + 0.5);
      const y = <i32>Math.floor(coordinate(ys + k, ay, sy) + 0.5);
      const z = <i32>Math.floor(coordinate(zs + k, az, sz) + 0.5);
      store<T>(to, load<T>(source + ((<usize>(x + nx * (y + ny * z))) << shift)));
    }
  }
}

export function slantNearest8(
  source: usize,
  nx: i32,
  ny: i32,
  nz: i32,
  xs: usize,
  n: i32,
  y: i32,
  rows: i32,
  mx: f64,
  my: f64,
  mz: f64,
  sx: f64,
  sy: f64,
  sz: f64,
  width: i32,
  out: usize,
): void {
  slantNearest<u8>(source, nx, ny, nz, xs, n, y, rows, mx, my, mz, sx, sy, sz, width, out);
}

export function slantNearest16(
  source: usize,
  nx: i32,
  ny: i32,
  nz: i32,
  xs: usize,
  n: i32,
  y: i32,
  rows: i32,
  mx: f64,
  my: f64,
  mz: f64,
  sx: f64,
  sy: f64,
  sz: f64,
  width: i32,
  out: usize,
): void {
  slantNearest<u16>(source, nx, ny, nz, xs, n, y, rows, mx, my, mz, sx, sy, sz, width, out);
}

export function slantNearest32(
  source: usize,
  nx: i32,
  ny: i32,
  nz: i32,
  xs: usize,
  n: i32,
  y: i32,
  rows: i32,
  mx: f64,
  my: f64,
  mz: f64,
  sx: f64,
  sy: f64,
  sz: f64,
  width: i32,
  out: usize,
): void {
  slantNearest<u32>(source, nx, ny, nz, xs, n, y, rows, mx, my, mz, sx, sy, sz, width, out);
}

export function slantNearest64(
  source: usize,
  nx: i32,
  ny: i32,
  nz: i32,
  xs: usize,
  n: i32,
  y: i32,
  rows: i32,
  mx: f64,
  my: f64,
  mz: f64,
  sx: f64,
  sy: f64,
  sz: f64,
  width: i32,
  out: usize,
): void {
  slantNearest<u64>(source, nx, ny, nz, xs, n, y, rows, mx, my, mz, sx, sy, sz, width, out);
}

// Storing -------------------------------------------------------------------------------------------------------------

/** Two float64 rounded half away from zero, held to low..high, as int32 in lanes 0 and 1. */
function rounded(at: usize, l: v128, h: v128): v128 {
  const x = v128.load(at);
  const pushed = f64x2.add(x, v128.or(v128.and(x, f64x2.splat(-0.0)), f64x2.splat(0.5)));
  return i32x4.trunc_sat_f64x2_s_zero(f64x2.pmin(h, f64x2.pmax(l, f64x2.trunc(pushed))));
}

/** Four of them. */
function roundedFour(at: usize, l: v128, h: v128): v128 {
  return v128.shuffle<i32>(rounded(at, l, h), rounded(at + 16, l, h), 0, 1, 4, 5);
}

/** n float64 (n a multiple of 8) to int32, int16 or int8, rounded half away from zero and held to low..high. */
export function round32(from: usize, n: i32, lowest: f64, highest: f64, out: usize): void {
  const l = f64x2.splat(lowest);
  const h = f64x2.splat(highest);
  for (let k: usize = 0; k < <usize>n; k += 4) v128.store(out + (k << 2), roundedFour(from + (k << 3), l, h));
}

export function round16(from: usize, n: i32, lowest: f64, highest: f64, out: usize): void {
  const l = f64x2.splat(lowest);
  const h = f64x2.splat(highest);
  const keep = i32x4.splat(0xffff);
  for (let k: usize = 0; k < <usize>n; k += 8) {
    const a = v128.and(roundedFour(from + (k << 3), l, h), keep);
    const b = v128.and(roundedFour(from + (k << 3) + 32, l, h), keep);
    v128.store(out + (k << 1), i16x8.narrow_i32x4_u(a, b));
  }
}

export function round8(from: usize, n: i32, lowest: f64, highest: f64, out: usize): void {
  const l = f64x2.splat(lowest);
  const h = f64x2.splat(highest);
  const keep = i32x4.splat(0xff);
  for (let k: usize = 0; k < <usize>n; k += 8) {
    const a = v128.and(roundedFour(from + (k << 3), l, h), keep);
    const b = v128.and(roundedFour(from + (k << 3) + 32, l, h), keep);
    const both = i16x8.narrow_i32x4_u(a, b);
    v128.store64_lane(out + k, i8x16.narrow_i16x8_u(both, both), 0);
  }
}

/** n float64 (n even) to float32. */
export function demote(from: usize, n: i32, out: usize): void {
  for (let k: usize = 0; k < <usize>n; k += 2) {
    v128.store64_lane(out + (k << 2), f32x4.demote_f64x2_zero(v128.load(from + (k << 3))), 0);
  }
}
