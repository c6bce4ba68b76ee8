import { defineTransform } from '../definition.js';
import { booleanParam, fieldsParam, numberParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, takeNumbers } from '../values.js';
import { workOnFloats } from './channels.js';
import { findPercentiles } from './percentile.js';

export const scaleRangePercentile = defineTransform({
  name: 'ScaleRangePercentile',
  group: 'intensity',
  summary: 'Subtracts a low percentile and divides by the distance to a high one.',
  notes: 'As scale_range of the bioimage.io model format: (x - low) / (high - low + eps). Nothing is cut.',
  params: {
    fields: fieldsParam('arrays or images'),
    lower: numberParam('low percentile', { default: 0, min: 0, max: 100 }),
    upper: numberParam('high percentile', { default: 100, min: 0, max: 100 }),
    channelwise: booleanParam('each entry of the first axis for itself', { default: false }),
    eps: numberParam('added to the divisor', { default: 1e-6, above: 0 }),
  },
  example: { fields: ['image'], lower: 1, upper: 99.8 },
  check: ({ lower, upper }) => (lower < upper ? undefined : `lower (${lower}) is not below upper (${upper}).`),
  trace: traceNumbers,
  apply: (fields, params, { memory }) => {
    for (const field of params.fields) {
      const { array, geometry } = takeNumbers(fields, field, memory);
      const scaled = workOnFloats({ array, memory, channelwise: params.channelwise }, (data, to) => {
        const [low, high] = findPercentiles(data, [params.lower, params.upper]) as [number, number];
        const divisor = high - low + params.eps;
        for (let n = 0; n < data.length; n += 1) to[n] = (data[n]! - low) / divisor;
      });
      fields.set(field, arrayValue(scaled, geometry));
    }
  },
});
