import { clip } from '../../imaging/kernels/stream.js';
import { defineTransform } from '../definition.js';
import { booleanParam, fieldsParam, numberParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, takeNumbers } from '../values.js';
import { type Floats, workOnFloats } from './channels.js';
import { findPercentiles, nonzeroOf } from './percentile.js';

/** Every value brought between two bounds; NaN stays NaN, and a NaN bound makes everything NaN, as numpy's clip. */
export function clipTo(to: Floats, data: Floats, { low, high }: { low: number; high: number }): void {
  if (Number.isNaN(low) || Number.isNaN(high)) {
    to.fill(Number.NaN);
    return;
  }
  if (data instanceof Float32Array && to instanceof Float32Array) {
    clip(data, { low, high }, to);
    return;
  }
  for (let n = 0; n < data.length; n += 1) {
    const value = data[n]!;
    to[n] = value < low ? low : value > high ? high : value;
  }
}

export const clipPercentile = defineTransform({
  name: 'ClipPercentile',
  group: 'intensity',
  summary: 'Clips the values to two percentiles of the image.',
  notes:
    "Percentiles as numpy's, linear between neighbours. With `nonzero` only voxels that are not 0 are counted, and 0 is clipped like the rest.",
  params: {
    fields: fieldsParam('arrays or images'),
    lower: numberParam('lower percentile', { default: 0.5, min: 0, max: 100 }),
    upper: numberParam('upper percentile', { default: 99.5, min: 0, max: 100 }),
    nonzero: booleanParam('count only voxels that are not 0', { default: false }),
    channelwise: booleanParam('each entry of the first axis for itself', { default: false }),
  },
  example: { fields: ['image'], lower: 0.5, upper: 99.5 },
  check: ({ lower, upper }) => (lower <= upper ? undefined : `lower (${lower}) is above upper (${upper}).`),
  trace: traceNumbers,
  apply: (fields, params, { memory }) => {
    for (const field of params.fields) {
      const { array, geometry } = takeNumbers(fields, field, memory);
      const clipped = workOnFloats({ array, memory, channelwise: params.channelwise }, (data, to) => {
        const counted = params.nonzero ? nonzeroOf(data) : data;
        if (counted.length === 0) return void to.set(data);
        const [low, high] = findPercentiles(counted, [params.lower, params.upper]) as [number, number];
        clipTo(to, data, { low, high });
      });
      fields.set(field, arrayValue(clipped, geometry));
    }
  },
});
