import { centreNonzero, standardise, sumSquares, sumUp } from '../../imaging/kernels/stream.js';
import { defineTransform } from '../definition.js';
import { booleanParam, fieldsParam, numberParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, takeNumbers } from '../values.js';
import { type Floats, workOnFloats } from './channels.js';

interface ZScoreRule {
  readonly nonzero: boolean;
  readonly eps: number;
}

/** Sum of the elements, one after the other, and how many are not 0. */
function sumOf(data: Floats): { sum: number; nonzero: number } {
  if (data instanceof Float32Array) return sumUp(data);
  let sum = 0;
  let nonzero = 0;
  for (let n = 0; n < data.length; n += 1) {
    sum += data[n]!;
    nonzero += Number(data[n] !== 0);
  }
  return { sum, nonzero };
}

function squaresOf(data: Floats, mean: number): number {
  if (data instanceof Float32Array) return sumSquares(data, mean);
  let squares = 0;
  for (let n = 0; n < data.length; n += 1) {
    const apart = data[n]! - mean;
    squares += apart * apart;
  }
  return squares;
}

/** Mean and standard deviation (of the population) in two passes of float64. */
function measure(data: Floats, counted: boolean): { mean: number; std: number } {
  const { sum, nonzero } = sumOf(data);
  const count = counted ? nonzero : data.length;
  if (count === 0) return { mean: 0, std: 0 };
  const mean = sum / count;
  let squares = squaresOf(data, mean);
  // The zeros were measured along; what they added is known exactly enough to take away.
  if (counted) squares -= (data.length - count) * mean * mean;
  return { mean, std: Math.sqrt(Math.max(squares, 0) / count) };
}

function normalize(to: Floats, data: Floats, { nonzero, eps }: ZScoreRule): void {
  const { mean, std } = measure(data, nonzero);
  const divisor = Math.max(std, eps);
  if (data instanceof Float32Array && to instanceof Float32Array) {
    if (nonzero) centreNonzero(data, { mean, divisor }, to);
    else standardise(data, { shift: mean, divisor }, to);
  } else
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
