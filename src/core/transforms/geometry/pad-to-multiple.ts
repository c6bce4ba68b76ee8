import { defineTransform } from '../definition.js';
import { choiceParam, eitherParam, fieldsParam, integerParam, listParam, numberParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { type AxisRegion, refitSpatialAxes } from './refit.js';

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
  apply: (fields, { k, where, ...params }) => {
    const fit = (length: number, multiple: number): AxisRegion => {
      const size = Math.ceil(length / multiple) * multiple;
      return { start: where === 'both' ? -Math.floor((size - length) / 2) : 0, size };
    };
    refitSpatialAxes(fields, { ...params, given: k, name: 'k', fit });
  },
});
