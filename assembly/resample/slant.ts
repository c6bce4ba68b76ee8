// Where output rows lie in the source under any affine transform, as scipy computes it:
// coordinate = ((offset + x·mx) + y·my) + z·mz.

/** Source and output of a volume, and the row under way. A column is named by its place in a row of float64, in bytes. */
@unmanaged
export class SlantJob {
  /** What a step along y, and then along z, adds to the source's x, y and z. */
  xy: f64;
  yy: f64;
  zy: f64;
  xz: f64;
  yz: f64;
  zz: f64;
  /** What the row under way adds: kept here by moveTo. */
  ax: f64;
  ay: f64;
  az: f64;
  sx: f64;
  sy: f64;
  sz: f64;
  /** Source samples of a row and of a plane, as the sums below take them. */
  rowLength: f64;
  planeLength: f64;
  /** The last sample along each axis. */
  lastX: f64;
  lastY: f64;
  lastZ: f64;
  /** Of a source sample: for linear 2 is int16, 4 float32 and 8 float64. */
  bytes: i32;
  nx: i32;
  ny: i32;
  nz: i32;
  /** Offset plus the share of x of each output column. */
  xs: usize;
  ys: usize;
  zs: usize;
  width: i32;
  out: usize;

  moveTo(y: i32, z: i32): void {
    this.ax = this.xy * <f64>y;
    this.ay = this.yy * <f64>y;
    this.az = this.zy * <f64>y;
    this.sx = this.xz * <f64>z;
    this.sy = this.yz * <f64>z;
    this.sz = this.zz * <f64>z;
  }

  x(column: usize): f64 {
    return load<f64>(this.xs + column) + this.ax + this.sx;
  }

  y(column: usize): f64 {
    return load<f64>(this.ys + column) + this.ay + this.sy;
  }

  z(column: usize): f64 {
    return load<f64>(this.zs + column) + this.az + this.sz;
  }

  /** Between the outermost sample centres, these included. */
  @inline
  isInside(column: usize): bool {
    const x = this.x(column);
    const y = this.y(column);
    const z = this.z(column);
    return x >= 0 && y >= 0 && z >= 0 && x <= this.lastX && y <= this.lastY && z <= this.lastZ;
  }

  /** With all eight neighbours in the source. */
  @inline
  isInner(column: usize): bool {
    const x = this.x(column);
    const y = this.y(column);
    const z = this.z(column);
    return x >= 0 && y >= 0 && z >= 0 && x < this.lastX && y < this.lastY && z < this.lastZ;
  }
}

/** The coordinate of a column and the next, from what the row adds. */
export function two(columns: usize, a: v128, s: v128): v128 {
  return f64x2.add(f64x2.add(v128.load(columns), a), s);
}

/** Sample indices of two whole places, as int32 in lanes 0 and 2: what 2^52 more leaves in the low bits of a float64. */
export function indexOf(x: v128, row: v128, plane: v128): v128 {
  return f64x2.add(f64x2.add(f64x2.add(x, row), plane), f64x2.splat(4503599627370496));
}
