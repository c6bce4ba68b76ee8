// The nearest sample under any affine transform, ties going up: words of any size are moved, not computed with.
import { indexOf, SlantJob, two } from './slant';

function nearest<T>(job: SlantJob, source: usize, z: i32, y: i32, rows: i32): void {
  const shift = <usize>alignof<T>();
  const half = f64x2.splat(0.5);
  const stop = (<usize>job.width) << 3;
  const step = (<usize>job.width) << shift;
  const xs = job.xs;
  const ys = job.ys;
  const zs = job.zs;
  const nx = f64x2.splat(job.rowLength);
  const plane = f64x2.splat(job.planeLength);
  let line = job.out;
  for (let row = 0; row < rows; row += 1, line += step) {
    job.moveTo(y + row, z);
    let at: usize = 0;
    let to = line;
    for (; at < stop && !job.isInside(at); at += 8, to += sizeof<T>()) store<T>(to, <T>0);
    let end = stop;
    for (; end > at && !job.isInside(end - 8); end -= 8) store<T>(line + (((end - 8) >> 3) << shift), <T>0);
    // Each coordinate rises or falls along a row, rounding included: between the two everything is inside.
    const ax = f64x2.splat(job.ax);
    const ay = f64x2.splat(job.ay);
    const az = f64x2.splat(job.az);
    const sx = f64x2.splat(job.sx);
    const sy = f64x2.splat(job.sy);
    const sz = f64x2.splat(job.sz);
    for (; at + 16 <= end; at += 16, to += sizeof<T>() << 1) {
      const x = f64x2.floor(f64x2.add(two(xs + at, ax, sx), half));
      const y = f64x2.floor(f64x2.add(two(ys + at, ay, sy), half));
      const z = f64x2.floor(f64x2.add(two(zs + at, az, sz), half));
      const index = indexOf(x, f64x2.mul(y, nx), f64x2.mul(z, plane));
      store<T>(to, load<T>(source + ((<usize>i32x4.extract_lane(index, 0)) << shift)));
      store<T>(to, load<T>(source + ((<usize>i32x4.extract_lane(index, 2)) << shift)), sizeof<T>());
    }
    if (at < end) {
      const x = <i32>Math.floor(job.x(at) + 0.5);
      const y = <i32>Math.floor(job.y(at) + 0.5);
      const z = <i32>Math.floor(job.z(at) + 0.5);
      store<T>(to, load<T>(source + ((<usize>(x + job.nx * (y + job.ny * z))) << shift)));
    }
  }
}

/** `rows` output rows of plane z from y on, 0 outside; `source` as for slantLinear. */
export function slantNearest(job: SlantJob, source: usize, z: i32, y: i32, rows: i32): void {
  if (job.bytes === 1) nearest<u8>(job, source, z, y, rows);
  else if (job.bytes === 2) nearest<u16>(job, source, z, y, rows);
  else if (job.bytes === 4) nearest<u32>(job, source, z, y, rows);
  else nearest<u64>(job, source, z, y, rows);
}
