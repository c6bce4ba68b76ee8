import { defineTransform } from '../definition.js';
import { eitherParam, fieldsParam, integerParam, listParam, numberParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { type AxisRegion, refitSpatialAxes } from './refit.js';

/** Half of the padding lies in front; a crop lies round length/2. */
function placeRegion(length: number, size: number): AxisRegion {
  if (size === -1) return { start: 0, size: length };
  const start = size >= length ? -Math.floor((size - length) / 2) : Math.floor(length / 2) - Math.floor(size / 2);
  return { start, size };
}

export const cropOrPad = defineTransform({
  name: 'CropOrPad',
  group: 'geometry',
  summary: 'Brings the spatial axes to a size, cropping around the middle and padding on both sides.',
  notes: 'A size of -1 leaves its axis alone. Without geometry the last three axes count as spatial.',
  params: {
    fields: fieldsParam('arrays or images'),
    size: eitherParam(
      integerParam('length of the spatial axes, one for all or one for each', { min: -1 }),
      listParam(integerParam('length', { min: -1 })),
    ),
    fill: numberParam('value of the new voxels', { default: 0 }),
  },
  example: { fields: ['image'], size: [192, 192, 128] },
  trace: traceNumbers,
  apply: (fields, params) =>
    refitSpatialAxes(fields, { ...params, given: params.size, name: 'size', fit: placeRegion }),
});
