import { expandDims } from '../../tensor/layout.js';
import { defineTransform } from '../definition.js';
import { shiftSpatialAxes } from '../geometry/spatial-axes.js';
import { fieldsParam } from '../param.js';
import { traceArrays } from '../traces.js';
import { arrayValue, takeArray } from '../values.js';

export const addChannelDimension = defineTransform({
  name: 'AddChannelDimension',
  python: 'eisen.transforms.imaging.AddChannelDimension',
  group: 'shape',
  summary: 'Adds an axis of length 1 in front.',
  params: { fields: fieldsParam('arrays') },
  example: { fields: ['image'] },
  trace: traceArrays,
  apply: (fields, params) => {
    for (const field of params.fields) {
      const { array, geometry } = takeArray(fields, field);
      fields.set(field, arrayValue(expandDims(array, 0), shiftSpatialAxes(geometry, 1)));
    }
  },
});
