import { defineTransform } from '../definition.js';
import { fieldsParam, numberParam, optionalParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, takeNumbers } from '../values.js';
import { workOnFloats } from './channels.js';
import { clipTo } from './clip-percentile.js';

export const clipIntensity = defineTransform({
  name: 'ClipIntensity',
  group: 'intensity',
  summary: 'Clips the values to given bounds.',
  params: {
    fields: fieldsParam('arrays or images'),
    lower: optionalParam(numberParam('least value; null: no bound')),
    upper: optionalParam(numberParam('greatest value; null: no bound')),
  },
  example: { fields: ['image'], lower: -1000, upper: 1000 },
  check: ({ lower, upper }) =>
    lower === null || upper === null || lower <= upper ? undefined : `lower (${lower}) is above upper (${upper}).`,
  trace: traceNumbers,
  apply: (fields, params, { memory }) => {
    const low = params.lower ?? Number.NEGATIVE_INFINITY;
    const high = params.upper ?? Number.POSITIVE_INFINITY;
    for (const field of params.fields) {
      const { array, geometry } = takeNumbers(fields, field, memory);
      const clipped = workOnFloats({ array, memory }, (data, to) => clipTo(to, data, { low, high }));
      fields.set(field, arrayValue(clipped, geometry));
    }
  },
});
