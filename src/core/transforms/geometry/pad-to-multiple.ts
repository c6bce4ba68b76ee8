import { defineTransform } from '../definition.js';
import { choiceParam, eitherParam, fieldsParam, integerParam, listParam, numberParam } from '../param.js';
import { regionGeometry, takeRegion } from '../region.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, cannot, takeNumbers } from '../values.js';
import { perAxis, spatialAxesOf } from './spatial-lengths.js';

export const padToMultiple = defineTransform({
  name: 'PadToMultiple',
  group: 'geometry',
  summary: 'Pads the spatial axes until each length is a multiple of k.',
  notes: 'An odd voxel goes behind. Without geometry the last three axes count as spatial.',
  params: {
    fields: fieldsParam('arrays or images'),
    k: eitherParam(
      integerParam('the multiple, one for all spatial axes or one for each', { min: 1 }),
      listParam(integerParam('the multiple', { min: 1 })),
    ),
    where: choiceParam('on both sides, or only behind', ['both', 'end'], { default: 'both' }),
    fill: numberParam('value of the new voxels', { default: 0 }),
  },
  example: { fields: ['image'], k: 16 },
  trace: traceNumbers,
  apply: (fields, params) => {
    for (const field of params.fields) {
      const value = takeNumbers(fields, field);
      const { array, geometry } = value;
      const axes = spatialAxesOf(value);
      const multiples = perAxis(params.k, axes.length);
      if (multiples === undefined) throw cannot(field, `it has ${axes.length} spatial axes; k has another length.`);
      const start = array.shape.map(() => 0);
      const size = [...array.shape];
      axes.forEach((axis, n) => {
        const length = array.shape[axis]!;
        size[axis] = Math.ceil(length / multiples[n]!) * multiples[n]!;
        if (params.where === 'both') start[axis] = -Math.floor((size[axis]! - length) / 2);
      });
      const padded = takeRegion(array, { start, size }, params.fill);
      fields.set(field, arrayValue(padded, regionGeometry(geometry, start)));
    }
  },
});
