import { transpose } from '../../tensor/layout.js';
import type { NdArray } from '../../tensor/ndarray.js';
import type { ImageValue } from '../../tensor/value.js';
import { affineOfItkGrid, type ItkGrid } from '../itk/itk-grid.js';

/**
 * An image of form `itk` from voxels with x fastest: axes (z, y, x), or (z, y, x, channel) when the first stored axis
 * holds channels, as SimpleITK's arrays. Only volumes get a geometry.
 */
export function itkVolume(
  stored: NdArray,
  { grid, channels, format }: { grid: ItkGrid | undefined; channels: boolean; format: string },
): ImageValue {
  const spatial = stored.shape.slice(channels ? 1 : 0);
  const axes = stored.shape.map((_, axis) => stored.shape.length - 1 - axis);
  const array = transpose(stored, channels ? [...axes.slice(0, -1), 0] : axes);
  if (!grid || spatial.length !== 3) return { kind: 'image', form: 'itk', array, extra: { format } };
  const affine = affineOfItkGrid(grid);
  return {
    kind: 'image',
    form: 'itk',
    array,
    geometry: { affine, spatialAxes: [2, 1, 0], original: { shape: spatial, affine, source: 'itk' } },
    extra: { format, itk: grid },
  };
}
