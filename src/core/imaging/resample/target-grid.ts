import { EisenError } from '../../errors/error.js';
import type { Affine } from '../../tensor/value.js';
import { IDENTITY, multiplyAffines, type Vector } from '../affine.js';
import { invertAffine } from '../invert-affine.js';

export interface TargetGrid {
  readonly shape: Vector;
  readonly affine: Affine;
  /** Takes a voxel index of the target grid to a (fractional) one of the source grid. */
  readonly toSource: Affine;
}

/** Voxels along one axis past which a request is a mistake: NIfTI-1's own limit. */
const MAX_LENGTH = 32767;

/**
 * The RAS+ box of voxels of `resolution` mm that holds every voxel centre of the source, as nilearn's resample_img lays
 * it for a 3×3 target affine: it turns oblique volumes into world axes, whatever their orientation was.
 */
export function boundingGrid(shape: readonly number[], affine: Affine, resolution: Vector): TargetGrid {
  const scaled = multiplyAffines(scaling(resolution.map((step) => 1 / step) as unknown as Vector), affine);
  const [low, high] = boundsOf(shape, scaled);
  const target = scaling(resolution);
  const lengths = low.map((least, axis) => {
    target[axis * 4 + 3] = resolution[axis]! * least;
    return Math.ceil(high[axis]! - least) + 1;
  });
  if (lengths.some((length) => !(length <= MAX_LENGTH))) {
    throw new EisenError(
      'GEOMETRY',
      `resampling [${shape.join(', ')}] to ${resolution.join(' × ')} mm would need [${lengths.join(', ')}] voxels; expected at most ${MAX_LENGTH} along an axis.`,
      {
        expected: `at most ${MAX_LENGTH}`,
        found: lengths.join(', '),
        hint: 'Check the resolution and the voxel size in the header.',
      },
    );
  }
  const same = target.every((value, n) => value === affine[n]);
  const toSource = same ? IDENTITY : multiplyAffines(invertAffine(affine), target);
  return { shape: [lengths[0]!, lengths[1]!, lengths[2]!], affine: target, toSource };
}

function scaling([x, y, z]: Vector): number[] {
  return [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1];
}

/** Least and greatest coordinate of the eight corner voxels' centres. */
function boundsOf(shape: readonly number[], affine: Affine): [number[], number[]] {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let corner = 0; corner < 8; corner += 1) {
    const at = (axis: number): number => ((corner >> axis) & 1 ? shape[axis]! - 1 : 0);
    const column = [at(0), 0, 0, 0, at(1), 0, 0, 0, at(2), 0, 0, 0, 1, 0, 0, 0];
    const point = multiplyAffines(affine, column);
    for (let axis = 0; axis < 3; axis += 1) {
      low[axis] = Math.min(low[axis]!, point[axis * 4]!);
      high[axis] = Math.max(high[axis]!, point[axis * 4]!);
    }
  }
  return [low, high];
}
