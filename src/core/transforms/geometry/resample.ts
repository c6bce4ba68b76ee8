import { multiplyAffines } from '../../imaging/affine.js';
import { invertAffine } from '../../imaging/invert-affine.js';
import type { Outside } from '../../imaging/sample/plan.js';
import { sampleGrid } from '../../imaging/sample/sample-grid.js';
import type { NdArray } from '../../tensor/ndarray.js';
import type { Affine, ArrayValue, Geometry, ImageValue } from '../../tensor/value.js';
import { scaledFloat32 } from '../image-array.js';
import { arrayValue } from '../values.js';
import { mapVolumes } from './volumes.js';

/** A target grid: where its voxels lie and how many there are. */
export interface Grid {
  readonly affine: Affine;
  readonly shape: readonly [number, number, number];
}

export interface Sampling {
  readonly mode: 'linear' | 'nearest';
  readonly outside: Outside;
}

/** Takes voxel indices of `target` to voxel indices of `source`. */
export function indexMap(source: Affine, target: Affine): number[] {
  return multiplyAffines(invertAffine(source), target);
}

/**
 * A value sampled on another grid; its geometry says so and still knows the grid it came from. Stored values of an image
 * are sampled first and scaled then. `matrix` may be given where it is known exactly.
 */
export function resampleValue(
  value: ArrayValue | ImageValue,
  geometry: Geometry,
  { grid, sampling, matrix }: { grid: Grid; sampling: Sampling; matrix?: Affine },
): ArrayValue {
  const toSource = matrix ?? indexMap(geometry.affine, grid.affine);
  const array = mapVolumes(value.array, geometry.spatialAxes, (source: NdArray) =>
    sampleGrid({ source, matrix: toSource, shape: grid.shape, ...sampling }),
  );
  const scaled = value.kind === 'image' ? scaledFloat32({ ...value, array }) : array;
  return arrayValue(scaled, { ...geometry, affine: grid.affine });
}
