import { stretch } from '../../imaging/kernels/stream.js';
import { castArray } from '../../tensor/cast.js';
import { toContiguous } from '../../tensor/contiguous.js';
import { DTYPES } from '../../tensor/dtype.js';
import { selectIndex } from '../../tensor/layout.js';
import { createNdArray, type NdArray } from '../../tensor/ndarray.js';
import { resultFor, type StepMemory } from '../chain-memory.js';
import { defineTransform } from '../definition.js';
import { denseRun } from '../dense.js';
import { findExtremes } from '../extremes.js';
import { booleanParam, fieldsParam, numberParam } from '../param.js';
import { numbersOf, roundOf, sameStorage } from '../rounding.js';
import { traceArrays } from '../traces.js';
import { arrayValue, cannot, takeArray } from '../values.js';

/** The small number that Eisen adds to a range before it divides by it. */
const EPSILON = 0.00001;

interface Range {
  readonly min: number;
  readonly max: number;
}

/** (x - min) / (max - min + ε), each step rounded to the dtype; integers differ in their own dtype and so may wrap. */
function toUnit(array: NdArray, field: string): NdArray {
  if (DTYPES[array.dtype].kind !== 'float') return integersToUnit(array, field);
  const numbers = numbersOf(array);
  const { data, dtype } = numbers;
  const extremes = findExtremes(data);
  if (extremes === undefined) throw cannot(field, 'an empty array has no smallest value.');
  const round = roundOf(dtype);
  const low = extremes.min;
  const divisor = round(round(extremes.max - low) + EPSILON);
  const out = sameStorage(numbers);
  // Two roundings a voxel: storing into a Float32Array is the second one.
  if (dtype === 'float32') for (let n = 0; n < out.length; n += 1) out[n] = Math.fround(data[n]! - low) / divisor;
  else for (let n = 0; n < out.length; n += 1) out[n] = round(round(data[n]! - low) / divisor);
  return numbers.wrap(out);
}

function integersToUnit(array: NdArray, field: string): NdArray {
  const { data, wrap } = denseRun(array);
  if (data.length === 0) throw cannot(field, 'an empty array has no smallest value.');
  const out = new Float64Array(data.length);
  const range = new DTYPES[array.dtype].array(1);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    let low = data[0]!;
    let high = low;
    for (let n = 1; n < data.length; n += 1) {
      if (data[n]! < low) low = data[n]!;
      if (data[n]! > high) high = data[n]!;
    }
    range[0] = high - low;
    const divisor = Number(range[0]) + EPSILON;
    for (let n = 0; n < out.length; n += 1) {
      range[0] = data[n]! - low;
      out[n] = Number(range[0]) / divisor;
    }
    return wrap('float64', out);
  }
  const { min, max } = findExtremes(data)!;
  range[0] = max - min;
  const divisor = (range[0] as number) + EPSILON;
  const apart = new DTYPES[array.dtype].array(data.length);
  for (let n = 0; n < out.length; n += 1) apart[n] = data[n]! - min;
  for (let n = 0; n < out.length; n += 1) out[n] = (apart[n] as number) / divisor;
  return wrap('float64', out);
}

/** The same and the scaling in one pass, by a kernel that rounds each step to float32. */
function stretchFloat32(memory: StepMemory, array: NdArray, { min, max, field }: Range & { field: string }): NdArray {
  const { data, wrap } = denseRun(array);
  const extremes = findExtremes(data as Float32Array);
  if (extremes === undefined) throw cannot(field, 'an empty array has no smallest value.');
  const shift = extremes.min;
  const divisor = Math.fround(Math.fround(extremes.max - shift) + EPSILON);
  const rule = { shift, divisor, factor: Math.fround(max - min), offset: Math.fround(min) };
  const to = resultFor(memory, { array, data });
  return wrap('float32', stretch(data as Float32Array, rule, to as Float32Array));
}

/** x × (max - min) + min. The array is one that this file made. */
function scaleInPlace(array: NdArray, { min, max }: Range, field: string): NdArray {
  const kind = DTYPES[array.dtype].kind;
  if (kind === 'int' || kind === 'uint') return scaleIntegers(array, { min, max }, field);
  const numbers = numbersOf(array);
  const { data, dtype } = numbers;
  const round = roundOf(dtype);
  const width = round(max - min);
  const base = round(min);
  if (dtype === 'float32') for (let n = 0; n < data.length; n += 1) data[n] = Math.fround(data[n]! * width) + base;
  else for (let n = 0; n < data.length; n += 1) data[n] = round(round(data[n]! * width) + base);
  return numbers.wrap(data);
}

function scaleIntegers(array: NdArray, { min, max }: Range, field: string): NdArray {
  const width = max - min;
  const unsigned = DTYPES[array.dtype].kind === 'uint';
  if (!Number.isInteger(width) || !Number.isInteger(min) || (unsigned && (width < 0 || min < 0))) {
    throw cannot(field, `${array.dtype} cannot hold a range from ${min} to ${max}; put Cast to float32 before it.`);
  }
  const { data } = denseRun(array);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    for (let n = 0; n < data.length; n += 1) data[n] = data[n]! * BigInt(width) + BigInt(min);
  } else for (let n = 0; n < data.length; n += 1) data[n] = Math.imul(data[n]!, width) + min;
  return array;
}

/** Each entry of the first axis for itself, stored back in the dtype of the array: integers are cut to 0. */
function channelsToUnit(array: NdArray, field: string): NdArray {
  if (array.shape.length === 0) throw cannot(field, 'a single number has no channels.');
  const source = toContiguous(array);
  const out = createNdArray(array.dtype, array.shape);
  const size = array.shape[0] === 0 ? 0 : out.data.length / array.shape[0]!;
  for (let channel = 0; channel < array.shape[0]!; channel += 1) {
    const unit = castArray(toUnit(selectIndex(source, 0, channel), field), array.dtype);
    out.data.set(toContiguous(unit).data as never, channel * size);
  }
  return out;
}

export const mapValues = defineTransform({
  name: 'MapValues',
  python: 'eisen.transforms.imaging.MapValues',
  group: 'intensity',
  summary: 'Stretches the values linearly onto a range, from the smallest and the largest value found.',
  notes:
    'float32 stays float32, integers give float64. With `channelwise` each entry of the first axis is stretched for itself and the dtype is kept, so that integers are cut to 0. One NaN makes everything NaN.',
  params: {
    fields: fieldsParam('arrays'),
    min_value: numberParam('the smallest value maps to this', { default: 0 }),
    max_value: numberParam('the largest value maps to just under this', { default: 1 }),
    channelwise: booleanParam('each entry of the first axis for itself', { default: false }),
  },
  example: { fields: ['image'], min_value: 0, max_value: 1 },
  trace: traceArrays,
  apply: (fields, params, { memory }) => {
    const range = { min: params.min_value, max: params.max_value };
    for (const field of params.fields) {
      const { array, geometry } = takeArray(fields, field);
      if (array.dtype === 'bool') throw cannot(field, 'bool has no range to stretch; put Cast before this step.');
      const fast = array.dtype === 'float32' && array.shape.length > 0 && !params.channelwise;
      const unit = (): NdArray => (params.channelwise ? channelsToUnit(array, field) : toUnit(array, field));
      const mapped = fast ? stretchFloat32(memory, array, { ...range, field }) : scaleInPlace(unit(), range, field);
      fields.set(field, arrayValue(mapped, geometry));
    }
  },
});
