import { transpose } from '../../tensor/layout.js';
import { defineTransform } from '../definition.js';
import { moveSpatialAxes } from '../geometry/spatial-axes.js';
import { fieldsParam, integerParam, listParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, cannot, takeNumbers } from '../values.js';

export const transposeTransform = defineTransform({
  name: 'Transpose',
  group: 'shape',
  summary: 'Puts the axes in another order.',
  notes: 'Geometry follows the axes. No voxel is copied.',
  params: {
    fields: fieldsParam('arrays or images'),
    axes: listParam(integerParam('for each new axis the old one', { min: 0 })),
  },
  example: { fields: ['image'], axes: [2, 1, 0] },
  check: ({ axes }) =>
    axes.toSorted((a, b) => a - b).every((axis, n) => axis === n)
      ? undefined
      : `axes [${axes.join(', ')}] do not name each axis from 0 once.`,
  trace: traceNumbers,
  apply: (fields, params) => {
    for (const field of params.fields) {
      const { array, geometry } = takeNumbers(fields, field);
      if (array.shape.length !== params.axes.length)
        throw cannot(field, `it has ${array.shape.length} axes; axes names ${params.axes.length}.`);
      const moved = moveSpatialAxes(geometry, (axis) => params.axes.indexOf(axis));
      fields.set(field, arrayValue(transpose(array, params.axes), moved));
    }
  },
});
