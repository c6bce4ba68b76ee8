import { centre, momentsOf } from '../../imaging/kernels/moments.js';
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
function measure(data: Float64Array, nonzero: boolean): { mean: number; std: number } {
  let [sum, count, squares] = [0, 0, 0];
  for (let n = 0; n < data.length; n += 1) {
    sum += data[n]!;
    count += Number(!nonzero || data[n] !== 0);
  }
  if (count === 0) return { mean: 0, std: 0 };
  const mean = sum / count;
  for (let n = 0; n < data.length; n += 1) {
    const apart = nonzero && data[n] === 0 ? 0 : data[n]! - mean;
    squares += apart * apart;
  }
  return { mean, std: Math.sqrt(squares / count) };
}

function normalize(to: Floats, data: Floats, { nonzero, eps }: ZScoreRule): void {
  if (data instanceof Float32Array && to instanceof Float32Array) {
    const { count, mean, squares } = momentsOf(data, nonzero);
    const std = count === 0 ? 0 : Math.sqrt(squares / count);
    centre(data, { mean, factor: 1 / Math.max(std, eps), nonzero }, to);
    return;
  }
  const { mean, std } = measure(data as Float64Array, nonzero);
  const divisor = Math.max(std, eps);
  for (let n = 0; n < data.length; n += 1) to[n] = nonzero && data[n] === 0 ? data[n]! : (data[n]! - mean) / divisor;
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
  apply: (fields, params, { memory }) => {
    for (const field of params.fields) {
      const { array, geometry } = takeNumbers(fields, field, memory);
      const scaled = workOnFloats({ array, memory, channelwise: params.channelwise }, (data, to) =>
        normalize(to, data, params),
      );
      fields.set(field, arrayValue(scaled, geometry));
    }
  },
});
