import { compare as compareFloats } from '../../imaging/kernels/stream.js';
import type { DType, TypedArray } from '../../tensor/dtype.js';
import { DTYPES } from '../../tensor/dtype.js';
import { numberToHalf } from '../../tensor/float16.js';
import type { NdArray } from '../../tensor/ndarray.js';
import { resultFor, type StepMemory } from '../chain-memory.js';
import { defineTransform } from '../definition.js';
import { denseRun } from '../dense.js';
import { choiceParam, fieldsParam, numberParam } from '../param.js';
import { numbersOf, roundOf } from '../rounding.js';
import { traceArrays } from '../traces.js';
import { arrayValue, takeArray } from '../values.js';

const DIRECTIONS = ['greater', 'smaller', 'greater/equal', 'smaller/equal'] as const;
type Direction = (typeof DIRECTIONS)[number];

/** The number 1 as it is stored in a dtype. */
function oneOf(dtype: DType): number | bigint {
  if (dtype === 'float16') return numberToHalf(1);
  return dtype === 'int64' || dtype === 'uint64' ? 1n : 1;
}

interface Comparison {
  readonly data: ArrayLike<number>;
  readonly limit: number;
  readonly out: TypedArray;
  readonly one: number | bigint;
}

/** The same without a branch a voxel, which a random image would mispredict half of the time. */
const COMPARE_PLAIN: Record<Direction, (comparison: Comparison) => void> = {
  greater: ({ data, limit, out }) => {
    for (let n = 0; n < out.length; n += 1) out[n] = Number(data[n]! > limit);
  },
  smaller: ({ data, limit, out }) => {
    for (let n = 0; n < out.length; n += 1) out[n] = Number(data[n]! < limit);
  },
  'greater/equal': ({ data, limit, out }) => {
    for (let n = 0; n < out.length; n += 1) out[n] = Number(data[n]! >= limit);
  },
  'smaller/equal': ({ data, limit, out }) => {
    for (let n = 0; n < out.length; n += 1) out[n] = Number(data[n]! <= limit);
  },
};

const COMPARE: Record<Direction, (comparison: Comparison) => void> = {
  greater: ({ data, limit, out, one }) => {
    for (let n = 0; n < out.length; n += 1) if (data[n]! > limit) out[n] = one;
  },
  smaller: ({ data, limit, out, one }) => {
    for (let n = 0; n < out.length; n += 1) if (data[n]! < limit) out[n] = one;
  },
  'greater/equal': ({ data, limit, out, one }) => {
    for (let n = 0; n < out.length; n += 1) if (data[n]! >= limit) out[n] = one;
  },
  'smaller/equal': ({ data, limit, out, one }) => {
    for (let n = 0; n < out.length; n += 1) if (data[n]! <= limit) out[n] = one;
  },
};

/** 1 where the comparison holds, else 0, in the dtype of the array. The limit is rounded to that dtype when it is a float. */
export function thresholdArray(
  array: NdArray,
  { limit, direction, memory }: { limit: number; direction: Direction; memory?: StepMemory },
): NdArray {
  const run = denseRun(array);
  const wide = array.dtype === 'float16' || array.dtype === 'int64' || array.dtype === 'uint64';
  const data = wide ? numbersOf(array).data : (run.data as Float32Array);
  const rounded = roundOf(array.dtype)(limit);
  if (run.data instanceof Float32Array && (Number.isFinite(rounded) || !Number.isFinite(limit))) {
    const to = memory && resultFor(memory, { array, data: run.data });
    return run.wrap('float32', compareFloats(run.data, { limit, relation: direction }, to));
  }
  const out = new DTYPES[array.dtype].array(run.data.length);
  // numpy widens the comparison when the limit does not fit into the dtype: infinity is above 1e9 in float16 too.
  const one = oneOf(array.dtype);
  const compare = one === 1 ? COMPARE_PLAIN : COMPARE;
  compare[direction]({ data, limit: Number.isFinite(rounded) ? rounded : limit, out, one });
  return run.wrap(array.dtype, out);
}

export const thresholdValues = defineTransform({
  name: 'ThresholdValues',
  python: 'eisen.transforms.imaging.ThresholdValues',
  group: 'intensity',
  summary: 'Gives 1 where a value passes the threshold and 0 elsewhere, in the dtype of the array.',
  notes: 'A float32 array is compared with the threshold rounded to float32. NaN never passes.',
  params: {
    fields: fieldsParam('arrays'),
    threshold: numberParam('the threshold'),
    direction: choiceParam('which side passes', DIRECTIONS, { default: 'greater' }),
  },
  example: { fields: ['prediction'], threshold: 0.5, direction: 'greater' },
  trace: traceArrays,
  apply: (fields, params, { memory }) => {
    for (const field of params.fields) {
      const { array, geometry } = takeArray(fields, field);
      fields.set(
        field,
        arrayValue(thresholdArray(array, { limit: params.threshold, direction: params.direction, memory }), geometry),
      );
    }
  },
});
