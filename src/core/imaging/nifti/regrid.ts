import type { NdArray } from '../../tensor/ndarray.js';
import type { Affine, ImageValue } from '../../tensor/value.js';
import { voxelSizes } from '../affine.js';

/**
 * The NIfTI image that new voxels on a new grid make: values unscaled, the original grid kept for the way back, zooms
 * as nibabel would put them in the header (voxel sizes of the affine, float32 in NIfTI-1; further axes as they were).
 */
export function regridNifti(image: ImageValue, array: NdArray, affine: Affine): ImageValue {
  const old = (image.extra?.zooms ?? []) as readonly number[];
  const double = image.extra?.['format'] === 'nifti-2';
  const sizes = voxelSizes(affine).map((size) => (double ? size : Math.fround(size)));
  const original = image.geometry?.original ?? { shape: array.shape, affine, source: 'array' as const };
  return {
    kind: 'image',
    form: 'nifti',
    array,
    geometry: { affine, spatialAxes: [0, 1, 2], original },
    extra: { ...image.extra, zooms: array.shape.map((_, axis) => sizes[axis] ?? old[axis] ?? 1) },
  };
}
