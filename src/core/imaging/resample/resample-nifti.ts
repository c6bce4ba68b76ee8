import { EisenError } from '../../errors/error.js';
import type { ImageValue } from '../../tensor/value.js';
import type { Vector } from '../affine.js';
import { regridNifti } from '../nifti/regrid.js';
import { readScaledValues } from '../scaled.js';
import { type Interpolation, resampleLikeNilearn } from './nilearn.js';

/** The ResampleNiftiVolumes of Eisen on one image; see resampleLikeNilearn. Throws GEOMETRY when the image has no affine. */
export function resampleNifti(
  image: ImageValue,
  options: { readonly resolution: Vector; readonly interpolation: Interpolation },
): ImageValue {
  if (!image.geometry) {
    throw new EisenError('GEOMETRY', 'the image cannot be resampled in millimetres: it has no affine.');
  }
  const { affine } = image.geometry;
  const result = resampleLikeNilearn({ array: readScaledValues(image), affine, ...options });
  return regridNifti(image, result.array, result.affine);
}
