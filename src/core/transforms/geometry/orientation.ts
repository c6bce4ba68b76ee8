import { isEisenError } from '../../errors/error.js';
import { parseAxisCodes } from '../../imaging/orientation.js';
import { reorient } from '../../imaging/reorient.js';
import { defineTransform } from '../definition.js';
import { fieldsParam, stringParam } from '../param.js';
import { NUMBERS } from '../traces.js';
import { needGeometry, takePlaced } from '../values.js';

export const orientation = defineTransform({
  name: 'Orientation',
  group: 'geometry',
  summary: 'Flips and permutes the spatial axes so that they run in given directions.',
  notes:
    'RAS: the first axis grows to the right, the second to the front, the third upwards. No voxel is interpolated or copied.',
  params: {
    fields: fieldsParam('arrays or images with geometry'),
    axcodes: stringParam('three letters, one each of R/L, A/P, S/I', { default: 'RAS' }),
  },
  example: { fields: ['image'], axcodes: 'RAS' },
  check: ({ axcodes }) => {
    try {
      parseAxisCodes(axcodes);
      return undefined;
    } catch (error) {
      if (isEisenError(error)) return error.message;
      throw error;
    }
  },
  trace: (ledger, { fields }) => {
    for (const field of fields) ledger.make(field, ledger.readPlaced(field, NUMBERS));
  },
  apply: (fields, params) => {
    const target = parseAxisCodes(params.axcodes);
    for (const field of params.fields) {
      const value = takePlaced(fields, field);
      const geometry = needGeometry(value, field);
      const { array, affine, spatialAxes } = reorient({ ...geometry, array: value.array }, target);
      fields.set(field, { ...value, array, geometry: { ...geometry, affine, spatialAxes } });
    }
  },
});
