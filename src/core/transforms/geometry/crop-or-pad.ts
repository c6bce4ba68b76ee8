import { defineTransform } from '../definition.js';
import { eitherParam, fieldsParam, integerParam, listParam, numberParam } from '../param.js';
import { regionGeometry, takeRegion } from '../region.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, cannot, takeNumbers } from '../values.js';
import { perAxis, spatialAxesOf } from './spatial-lengths.js';

/** First voxel of the region of `size` in an axis of `length`: half of the padding in front, or the crop round length/2. */
function placeRegion(length: number, size: number): number {
  return size >= length ? -Math.floor((size - length) / 2) : Math.floor(length / 2) - Math.floor(size / 2);
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
  apply: (fields, params) => {
    for (const field of params.fields) {
      const value = takeNumbers(fields, field);
      const { array, geometry } = value;
      const axes = spatialAxesOf(value);
      const sizes = perAxis(params.size, axes.length);
      if (sizes === undefined) throw cannot(field, `it has ${axes.length} spatial axes; size has another length.`);
      const start = array.shape.map(() => 0);
      const size = [...array.shape];
      axes.forEach((axis, n) => {
        if (sizes[n] === -1) return;
        size[axis] = sizes[n]!;
        start[axis] = placeRegion(array.shape[axis]!, sizes[n]!);
      });
      fields.set(field, arrayValue(takeRegion(array, { start, size }, params.fill), regionGeometry(geometry, start)));
    }
  },
});
