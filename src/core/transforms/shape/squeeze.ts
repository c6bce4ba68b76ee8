import { squeeze } from '../../tensor/layout.js';
import { defineTransform } from '../definition.js';
import { moveSpatialAxes } from '../geometry/spatial-axes.js';
import { fieldsParam, integerParam, optionalParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, cannot, takeNumbers } from '../values.js';

export const squeezeTransform = defineTransform({
  name: 'Squeeze',
  group: 'shape',
  summary: 'Takes an axis of length 1 away.',
  notes: 'Without `axis`, every axis of length 1 that is not a spatial one goes.',
  params: {
    fields: fieldsParam('arrays'),
    axis: optionalParam(integerParam('the axis, counted from 0, or from the end when negative')),
  },
  example: { fields: ['prediction'], axis: 0 },
  trace: traceNumbers,
  apply: (fields, params) => {
    for (const field of params.fields) {
      const { array, geometry } = takeNumbers(fields, field);
      const rank = array.shape.length;
      if (params.axis !== null && (params.axis < -rank || params.axis >= rank))
        throw cannot(field, `there is no axis ${params.axis} in shape [${array.shape.join(', ')}].`);
      const spatial: readonly number[] = geometry?.spatialAxes ?? [];
      const gone =
        params.axis === null
          ? array.shape.flatMap((length, axis) => (length === 1 && !spatial.includes(axis) ? [axis] : []))
          : [params.axis < 0 ? params.axis + rank : params.axis];
      const moved = moveSpatialAxes(geometry, (axis) =>
        gone.includes(axis) ? -1 : axis - gone.filter((other) => other < axis).length,
      );
      fields.set(field, arrayValue(squeeze(array, gone), moved));
    }
  },
});
