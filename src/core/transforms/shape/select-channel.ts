import { selectIndex } from '../../tensor/layout.js';
import { defineTransform } from '../definition.js';
import { moveSpatialAxes } from '../geometry/spatial-axes.js';
import { fieldsParam, integerParam } from '../param.js';
import { checkAxis } from '../prediction/axis.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, cannot, takeNumbers } from '../values.js';

export const selectChannel = defineTransform({
  name: 'SelectChannel',
  group: 'shape',
  summary: 'Takes one entry of an axis; the axis goes away.',
  notes: 'Also the first volume of a 4-D scan: axis 3, index 0.',
  params: {
    fields: fieldsParam('arrays or images'),
    index: integerParam('which entry, from the end when negative'),
    axis: integerParam('the axis, from the end when negative', { default: 0 }),
  },
  example: { fields: ['prediction'], index: 1 },
  trace: traceNumbers,
  apply: (fields, params) => {
    for (const field of params.fields) {
      const { array, geometry } = takeNumbers(fields, field);
      const axis = checkAxis(params.axis, array.shape, field);
      const length = array.shape[axis]!;
      const index = params.index < 0 ? params.index + length : params.index;
      if (index < 0 || index >= length)
        throw cannot(field, `axis ${axis} has no entry ${params.index}; its length is ${length}.`);
      const moved = moveSpatialAxes(geometry, (old) => (old === axis ? -1 : old - Number(old > axis)));
      fields.set(field, arrayValue(selectIndex(array, axis, index), moved));
    }
  },
});
