import { defineTransform } from '../definition.js';
import { workOnFloats } from '../intensity/channels.js';
import { fieldsParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, takeNumbers } from '../values.js';

export const sigmoid = defineTransform({
  name: 'Sigmoid',
  group: 'prediction',
  summary: 'Turns logits into probabilities, every one for itself: 1 / (1 + exp(-x)).',
  params: { fields: fieldsParam('logits') },
  example: { fields: ['prediction'] },
  trace: traceNumbers,
  apply: (fields, params, { memory }) => {
    for (const field of params.fields) {
      const { array, geometry } = takeNumbers(fields, field, memory);
      const scores = workOnFloats({ array, memory }, (data, to) => {
        for (let n = 0; n < data.length; n += 1) to[n] = 1 / (1 + Math.exp(-data[n]!));
      });
      fields.set(field, arrayValue(scores, geometry));
    }
  },
});
