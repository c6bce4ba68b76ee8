import { MOST_SOFTMAX_CHANNELS, softmaxChannels } from '../../imaging/kernels/softmax.js';
import { toContiguous } from '../../tensor/contiguous.js';
import type { NdArray } from '../../tensor/ndarray.js';
import type { StepMemory } from '../chain-memory.js';
import { defineTransform } from '../definition.js';
import type { Floats } from '../intensity/channels.js';
import { fieldsParam, integerParam } from '../param.js';
import { floatsOf } from '../rounding.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, takeNumbers } from '../values.js';
import { checkAxis } from './axis.js';
import { expOfNegative } from './exponential.js';

/** Voxels worked on at a time, so that every channel's part of them stays in the cache. */
const BLOCK = 2048;
/** Fewer places than this are done sooner than a call of the kernel is prepared. */
const LEAST_FOR_KERNEL = 256;

interface Plan {
  readonly source: Floats;
  readonly out: Floats;
  readonly channels: number;
  /** Distance between two channels. */
  readonly stride: number;
}

function softmaxBlock({ source, out, channels, stride }: Plan, from: number, count: number): void {
  const peak = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const sum = new Float64Array(count);
  const single = out instanceof Float32Array;
  for (let c = 0; c < channels; c += 1) {
    const at = from + c * stride;
    for (let n = 0; n < count; n += 1) if (source[at + n]! > peak[n]!) peak[n] = source[at + n]!;
  }
  for (let c = 0; c < channels; c += 1) {
    const at = from + c * stride;
    for (let n = 0; n < count; n += 1) {
      const below = source[at + n]! - peak[n]!;
      sum[n]! += single ? expOfNegative(below) : Math.exp(below);
    }
  }
  // The powers are computed anew: kept in `out`, which may be the source, float32 would be rounded twice.
  for (let c = 0; c < channels; c += 1) {
    const at = from + c * stride;
    for (let n = 0; n < count; n += 1) {
      const below = source[at + n]! - peak[n]!;
      out[at + n] = (single ? expOfNegative(below) : Math.exp(below)) / sum[n]!;
    }
  }
}

function softmaxAlong(array: NdArray, axis: number, memory: StepMemory): NdArray {
  const numbers = floatsOf(toContiguous(array));
  const mine = numbers.data.buffer !== array.data.buffer || memory.mayOverwrite(array.data);
  const out: Floats = mine ? numbers.data : memory.take(numbers.dtype as 'float32', numbers.data.length);
  const channels = array.shape[axis]!;
  const stride = array.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = array.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const plan = { source: numbers.data, out, channels, stride };
  for (let n = 0; n < outer; n += 1) {
    const base = n * channels * stride;
    if (numbers.data instanceof Float32Array && channels <= MOST_SOFTMAX_CHANNELS && stride >= LEAST_FOR_KERNEL) {
      softmaxChannels(numbers.data, out as Float32Array, { from: base, stride, channels });
      continue;
    }
    for (let from = 0; from < stride; from += BLOCK) softmaxBlock(plan, base + from, Math.min(BLOCK, stride - from));
  }
  return numbers.wrap(out);
}

export const softmax = defineTransform({
  name: 'Softmax',
  group: 'prediction',
  summary: 'Turns logits into probabilities that sum to 1 along an axis.',
  params: {
    fields: fieldsParam('logits'),
    axis: integerParam('the channel axis, from the end when negative', { default: 0 }),
  },
  example: { fields: ['prediction'], axis: 0 },
  trace: traceNumbers,
  apply: (fields, params, { memory }) => {
    for (const field of params.fields) {
      const { array, geometry } = takeNumbers(fields, field, memory);
      const axis = checkAxis(params.axis, array.shape, field);
      fields.set(field, arrayValue(softmaxAlong(array, axis, memory), geometry));
    }
  },
});
