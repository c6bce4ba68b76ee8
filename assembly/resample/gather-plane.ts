// Axis-aligned, nearest: words of any size are moved, not computed with.

@unmanaged
export class GatherJob {
  /** Of a sample: 1, 2, 4 or 8. */
  bytes: i32;
  plane: usize;
  /** The source column (int32) of each output column from..to; zeros stand outside. */
  index: usize;
  from: i32;
  to: i32;
  /** The first sample (int32) of each output row in the plane, or a negative number outside. */
  rows: usize;
  width: i32;
  height: i32;
  out: usize;
}

function gather<T>(job: GatherJob): void {
  const index = job.index;
  const to = job.to;
  const shift = <usize>alignof<T>();
  const step = (<usize>job.width) << shift;
  let line = job.out;
  for (let y = 0, height = job.height; y < height; y += 1, line += step) {
    const at = job.rows + ((<usize>y) << 2);
    const start = load<i32>(at);
    if (y > 0 && start === load<i32>(at - 4)) {
      memory.copy(line, line - step, step);
      continue;
    }
    memory.fill(line, 0, step);
    if (start < 0) continue;
    const row = job.plane + ((<usize>start) << shift);
    for (let x = job.from; x < to; x += 1)
      store<T>(line + ((<usize>x) << shift), load<T>(row + ((<usize>load<i32>(index + ((<usize>x) << 2))) << shift)));
  }
}

/** One output plane; a row that repeats the row before, as enlarging makes them, is copied as a whole. */
export function gatherPlane(job: GatherJob): void {
  if (job.bytes === 1) gather<u8>(job);
  else if (job.bytes === 2) gather<u16>(job);
  else if (job.bytes === 4) gather<u32>(job);
  else gather<u64>(job);
}
