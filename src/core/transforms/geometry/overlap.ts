import { BORDER } from '../../imaging/sample/plan.js';
import type { Affine } from '../../tensor/value.js';

type Lengths = readonly [number, number, number];

/** Keeps of `span` where a coordinate that begins at `start` and grows by `step` lies within the half-voxel border. */
function clip(span: [number, number], { start, step, length }: { start: number; step: number; length: number }): void {
  const [least, most] = [-BORDER - start, length - 1 + BORDER - start];
  if (step === 0) {
    if (least > 0 || most < 0) span[1] = -Infinity;
    return;
  }
  span[0] = Math.max(span[0], (step > 0 ? least : most) / step);
  span[1] = Math.min(span[1], (step > 0 ? most : least) / step);
}

/**
 * Whether at least one voxel of a grid of `shape` lies inside of a volume of `lengths` voxels, half a voxel around the
 * outer centres included. `matrix` takes indices of the grid to indices of the volume. Exact, row by row.
 */
export function hasVoxelInside(matrix: Affine, shape: Lengths, lengths: Lengths): boolean {
  const axes = lengths.map((length, axis) => {
    const [a, b, step, origin] = matrix.slice(axis * 4, axis * 4 + 4) as [number, number, number, number];
    return { a, b, step, origin, length };
  });
  for (let i = 0; i < shape[0]; i += 1)
    for (let j = 0; j < shape[1]; j += 1) {
      const span: [number, number] = [0, shape[2] - 1];
      for (const { a, b, step, origin, length } of axes) clip(span, { start: a * i + b * j + origin, step, length });
      if (Math.ceil(span[0]) <= Math.floor(span[1])) return true;
    }
  return false;
}
