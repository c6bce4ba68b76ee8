import { standardise } from '../../imaging/kernels/stream.js';
import { defineTransform } from '../definition.js';
import { booleanParam, fieldsParam, numberParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, takeNumbers } from '../values.js';
import { type Floats, workOnFloats } from './channels.js';

interface ZScoreRule {
  readonly nonzero: boolean;
  readonly eps: number;
}

/** Mean and standard deviation (of the population) in two passes of float64. */
function measure(data: Floats, nonzero: boolean): { mean: number; std: number } {
  let sum = 0;
  let count = data.length;
  if (nonzero) {
    count = 0;
    for (let n = 0; n < data.length; n += 1) {
      const value = data[n]!;
      sum += value;
      if (value !== 0) count += 1;
    }
  } else for (let n = 0; n < data.length; n += 1) sum += data[n]!;
  if (count === 0) return { mean: 0, std: 0 };
  const mean = sum / count;
  let squares = 0;
  for (let n = 0; n < data.length; n += 1) {
    const apart = data[n]! - mean;
    squares += apart * apart;
  }
  // The zeros were measured along; what they added is known exactly enough to take away.
  if (nonzero) squares -= (data.length - count) * mean * mean;
  return { mean, std: Math.sqrt(Math.max(squares, 0) / count) };
}

function normalize(data: Floats, { nonzero, eps }: ZScoreRule): void {
  const { mean, std } = measure(data, nonzero);
  const divisor = Math.max(std, eps);
  if (nonzero) {
    for (let n = 0; n < data.length; n += 1) if (data[n] !== 0) data[n] = (data[n]! - mean) / divisor;
  } else if (data instanceof Float32Array) standardise(data, { shift: mean, divisor }, data);
  else for (let n = 0; n < data.length; n += 1) data[n] = (data[n]! - mean) / divisor;
}

export const zScore = defineTransform({
  name: 'ZScore',
  group: 'intensity',
  summary: 'Subtracts the mean of the image and divides by its standard deviation.',
  notes:
    'With `nonzero` the voxels that are exactly 0 are left out of both and stay 0. The deviation is the one of the population and at least `eps`. float32 out, float64 stays.',
  params: {
    fields: fieldsParam('arrays or images'),
    nonzero: booleanParam('measure and change only voxels that are not 0', { default: false }),
    channelwise: booleanParam('each entry of the first axis for itself', { default: false }),
    eps: numberParam('least divisor', { default: 1e-8, above: 0 }),
  },
  example: { fields: ['image'], nonzero: true },
  trace: traceNumbers,
  apply: (fields, params) => {
    for (const field of params.fields) {
      const { array, geometry } = takeNumbers(fields, field);
      const scaled = workOnFloats(array, params.channelwise, (data) => normalize(data, params));
      fields.set(field, arrayValue(scaled, geometry));
    }
  },
});
