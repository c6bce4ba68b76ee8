import { standardise } from '../../imaging/kernels/stream.js';
import type { NdArray } from '../../tensor/ndarray.js';
import { resultFor, type StepMemory } from '../chain-memory.js';
import { defineTransform } from '../definition.js';
import { fieldsParam, numberParam } from '../param.js';
import { numbersOf, roundOf, sameStorage } from '../rounding.js';
import { traceArrays } from '../traces.js';
import { arrayValue, takeArray } from '../values.js';

/** (x - mean) / std, each step rounded to the dtype. */
function standardize(memory: StepMemory, array: NdArray, { mean, std }: { mean: number; std: number }) {
  const numbers = numbersOf(array);
  const { data, dtype } = numbers;
  const round = roundOf(dtype);
  const [center, divisor] = [round(mean), round(std)];
  if (data instanceof Float32Array && dtype === 'float32')
    return numbers.wrap(standardise(data, { shift: center, divisor }, resultFor(memory, { array, data })));
  const out = sameStorage(numbers);
  for (let n = 0; n < out.length; n += 1) out[n] = round(round(data[n]! - center) / divisor);
  return numbers.wrap(out);
}

export const fixedMeanStdNormalization = defineTransform({
  name: 'FixedMeanStdNormalization',
  python: 'eisen.transforms.imaging.FixedMeanStdNormalization',
  group: 'intensity',
  summary: 'Subtracts a given mean and divides by a given standard deviation.',
  notes: 'float32 stays float32, everything that is no float gives float64. Both numbers are read as floats, 5 as 5.0.',
  params: { fields: fieldsParam('arrays'), mean: numberParam('the mean'), std: numberParam('the deviation, not 0') },
  example: { fields: ['image'], mean: 40.5, std: 12.25 },
  check: ({ std }) => (std === 0 ? 'std is 0; nothing can be divided by it.' : undefined),
  trace: traceArrays,
  apply: (fields, params, { memory }) => {
    for (const field of params.fields) {
      const { array, geometry } = takeArray(fields, field);
      fields.set(field, arrayValue(standardize(memory, array, params), geometry));
    }
  },
});
