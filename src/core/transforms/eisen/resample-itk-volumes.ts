import { itkGridOf } from '../../imaging/itk/itk-grid.js';
import { resampleItk } from '../../imaging/resample/itk.js';
import { castArray } from '../../tensor/cast.js';
import { wrapNdArray } from '../../tensor/ndarray.js';
import { defineTransform } from '../definition.js';
import { fieldsParam, listParam, numberParam, stringParam } from '../param.js';
import { traceEach } from '../traces.js';
import { arrayValue, takeImage } from '../values.js';

export const resampleItkVolumes = defineTransform({
  name: 'ResampleITKVolumes',
  python: 'eisen.transforms.imaging.ResampleITKVolumes',
  group: 'geometry',
  summary: 'Resamples an ITK image to a voxel spacing; origin and direction stay.',
  notes:
    "As SimpleITK: the new size is cut to whole voxels, any interpolation but 'nearest' is linear. Bit for bit on axis-aligned and permuted volumes; oblique ones within one step of float32. Adds FIELD_original_spacing and FIELD_original_shape.",
  params: {
    fields: fieldsParam('ITK images'),
    resolution: listParam(numberParam('voxel size in mm along x, y, z', { above: 0 }), { length: 3 }),
    interpolation: stringParam("'nearest' or 'linear'", { default: 'linear' }),
  },
  example: { fields: ['image'], resolution: [1, 1, 2], interpolation: 'linear' },
  trace: (ledger, { fields }) => {
    traceEach(ledger, fields, { accepts: ['image'], gives: 'image', geometry: 'keeps' });
    for (const field of fields)
      for (const side of ['original_spacing', 'original_shape'])
        ledger.make(`${field}_${side}`, { kind: 'array', geometry: 'none' });
  },
  apply: (fields, params) => {
    const resolution = params.resolution as unknown as readonly [number, number, number];
    for (const field of params.fields) {
      const image = takeImage(fields, field, ['itk']);
      const spacing = Float64Array.from(itkGridOf(image).spacing);
      const size = Float64Array.from(image.array.shape.slice(0, 3).reverse());
      fields.set(field, resampleItk(image, { resolution, interpolation: params.interpolation }));
      fields.set(`${field}_original_spacing`, arrayValue(wrapNdArray('float64', [spacing.length], spacing)));
      const shape = castArray(wrapNdArray('float64', [size.length], size), 'int64');
      fields.set(`${field}_original_shape`, arrayValue(shape));
    }
  },
});
