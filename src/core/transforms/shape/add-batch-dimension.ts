import { expandDims } from '../../tensor/layout.js';
import { defineTransform } from '../definition.js';
import { shiftSpatialAxes } from '../geometry/spatial-axes.js';
import { fieldsParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, takeNumbers } from '../values.js';

export const addBatchDimension = defineTransform({
  name: 'AddBatchDimension',
  group: 'shape',
  summary: 'Adds a batch axis of length 1 in front.',
  params: { fields: fieldsParam('arrays') },
  example: { fields: ['image'] },
  trace: traceNumbers,
  apply: (fields, params) => {
    for (const field of params.fields) {
      const { array, geometry } = takeNumbers(fields, field);
      fields.set(field, arrayValue(expandDims(array, 0), shiftSpatialAxes(geometry, 1)));
    }
  },
});
