import { resampleNifti } from '../../imaging/resample/resample-nifti.js';
import type { ImageValue } from '../../tensor/value.js';
import { defineTransform } from '../definition.js';
import { choiceParam, fieldsParam, listParam, numberParam } from '../param.js';
import { traceEach } from '../traces.js';
import { plainValue, takeImage } from '../values.js';

/** nibabel's `header.get_zooms()`: what the file says, or the voxel sizes of the affine for an image made here. */
function zoomsOf({ extra }: ImageValue): number[] {
  const zooms = extra?.['zooms'];
  return Array.isArray(zooms) ? zooms.map(Number) : [];
}

export const resampleNiftiVolumes = defineTransform({
  name: 'ResampleNiftiVolumes',
  python: 'eisen.transforms.imaging.ResampleNiftiVolumes',
  group: 'geometry',
  summary: 'Resamples a NIfTI image onto the RAS+ grid of a voxel size that holds the whole volume.',
  notes:
    "Bit for bit nilearn's resample_img with a diagonal target affine: flipped, permuted and oblique volumes are turned into world axes, samples outside the outermost voxel centres are 0, the dtype stays. Adds FIELD_original_spacing and FIELD_original_shape. RestoreGeometry can undo it.",
  params: {
    fields: fieldsParam('NIfTI images'),
    resolution: listParam(numberParam('voxel size in mm along x, y, z', { above: 0 }), { length: 3 }),
    interpolation: choiceParam('interpolation; continuous is a cubic spline', ['linear', 'nearest', 'continuous'], {
      default: 'linear',
    }),
  },
  example: { fields: ['image'], resolution: [1, 1, 1], interpolation: 'linear' },
  trace: (ledger, { fields }) => {
    traceEach(ledger, fields, { accepts: ['image'], gives: 'image', geometry: 'needs' });
    for (const field of fields)
      for (const side of ['original_spacing', 'original_shape'])
        ledger.make(`${field}_${side}`, { kind: 'plain', geometry: 'none' });
  },
  apply: (fields, params, { memory }) => {
    const resolution = params.resolution as unknown as readonly [number, number, number];
    for (const field of params.fields) {
      const image = takeImage(fields, field, ['nifti']);
      const resampled = resampleNifti(image, { resolution, interpolation: params.interpolation });
      memory.adopt(resampled.array.data);
      fields.set(field, resampled);
      fields.set(`${field}_original_spacing`, plainValue(zoomsOf(image)));
      fields.set(`${field}_original_shape`, plainValue([...image.array.shape]));
    }
  },
});
