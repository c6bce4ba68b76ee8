import { BORDER, type SamplePlan } from './plan.js';

/** Samples along the rows of the result with any affine: eight neighbours a voxel, each coordinate by its own product. */
export function sampleOblique(plan: SamplePlan): void {
  const { out, outLengths, outSteps, fast, matrix: m } = plan;
  const slow = 2 - fast;
  const write = plan.mode === 'nearest' ? nearestRow : linearRow;
  const start = new Float64Array(3);
  const step = Float64Array.of(m[fast]!, m[4 + fast]!, m[8 + fast]!);
  for (let z = 0; z < outLengths[slow]!; z += 1) {
    for (let y = 0; y < outLengths[1]!; y += 1) {
      for (let axis = 0; axis < 3; axis += 1) {
        start[axis] = m[axis * 4 + slow]! * z + m[axis * 4 + 1]! * y + m[axis * 4 + 3]!;
      }
      write(plan, { out, at: z * outSteps[slow]! + y * outSteps[1]!, count: outLengths[fast]!, start, step });
    }
  }
}

interface Row {
  readonly out: SamplePlan['out'];
  readonly at: number;
  readonly count: number;
  readonly start: Float64Array;
  readonly step: Float64Array;
}

function linearRow({ source, lengths, steps, outside }: SamplePlan, { out, at, count, start, step }: Row): void {
  const [lastX, lastY, lastZ] = [lengths[0]! - 1, lengths[1]! - 1, lengths[2]! - 1];
  const [sx, sy, sz] = [steps[0]!, steps[1]!, steps[2]!];
  const filled = outside.rule === 'fill';
  for (let n = 0; n < count; n += 1) {
    const x = start[0]! + step[0]! * n;
    const y = start[1]! + step[1]! * n;
    const z = start[2]! + step[2]! * n;
    if (
      filled &&
      !(
        x >= -BORDER &&
        x <= lastX + BORDER &&
        y >= -BORDER &&
        y <= lastY + BORDER &&
        z >= -BORDER &&
        z <= lastZ + BORDER
      )
    )
      continue;
    const [cx, cy, cz] = [clamp(x, lastX), clamp(y, lastY), clamp(z, lastZ)];
    const [ix, iy, iz] = [Math.floor(cx), Math.floor(cy), Math.floor(cz)];
    const [wx, wy, wz] = [cx - ix, cy - iy, cz - iz];
    const base = ix * sx + iy * sy + iz * sz;
    // A neighbour past the last voxel has weight 0: stay where we are.
    const dx = ix < lastX ? sx : 0;
    const dy = iy < lastY ? sy : 0;
    const dz = iz < lastZ ? sz : 0;
    const near =
      (source[base]! * (1 - wx) + source[base + dx]! * wx) * (1 - wy) +
      (source[base + dy]! * (1 - wx) + source[base + dx + dy]! * wx) * wy;
    const far =
      (source[base + dz]! * (1 - wx) + source[base + dx + dz]! * wx) * (1 - wy) +
      (source[base + dy + dz]! * (1 - wx) + source[base + dx + dy + dz]! * wx) * wy;
    out[at + n] = near * (1 - wz) + far * wz;
  }
}

function nearestRow({ source, lengths, steps, outside }: SamplePlan, { out, at, count, start, step }: Row): void {
  const filled = outside.rule === 'fill';
  for (let n = 0; n < count; n += 1) {
    let index = 0;
    let inside = true;
    for (let axis = 0; axis < 3; axis += 1) {
      const place = start[axis]! + step[axis]! * n;
      const last = lengths[axis]! - 1;
      if (filled && !(place >= -BORDER && place <= last + BORDER)) inside = false;
      index += Math.min(Math.floor(clamp(place, last) + 0.5), last) * steps[axis]!;
    }
    if (inside) out[at + n] = source[index]!;
  }
}

function clamp(value: number, last: number): number {
  return value > 0 ? Math.min(value, last) : 0;
}
