import { toContiguous } from '../../tensor/contiguous.js';
import { selectIndex } from '../../tensor/layout.js';
import type { NdArray } from '../../tensor/ndarray.js';
import type { StepMemory } from '../chain-memory.js';
import { floatsOf } from '../rounding.js';

export type Floats = Float32Array | Float64Array;

/** Work on one run of numbers: reads `data` and writes every element of `to`, which may be `data` itself. */
export type FloatWork = (data: Floats, to: Floats) => void;

export interface FloatRequest {
  readonly array: NdArray;
  readonly memory: StepMemory;
  /** Each entry of the first axis for itself, instead of all at once. */
  readonly channelwise?: boolean;
}

/** The numbers of an array worked on, in the shape of the array. float64 stays, else float32. */
export function workOnFloats({ array, memory, channelwise = false }: FloatRequest, work: FloatWork): NdArray {
  const apart = channelwise && array.shape.length > 0;
  const numbers = floatsOf(apart ? toContiguous(array) : array);
  const { data } = numbers;
  const mine = data.buffer !== array.data.buffer || memory.mayOverwrite(array.data);
  const to: Floats = mine ? data : memory.take(numbers.dtype as 'float32', data.length);
  if (mine) memory.adopt(data);
  if (!apart) work(data, to);
  else {
    const count = array.shape[0]!;
    const size = count === 0 ? 0 : selectIndex(array, 0, 0).shape.reduce((a, b) => a * b, 1);
    for (let channel = 0; channel < count; channel += 1) {
      const [from, end] = [channel * size, (channel + 1) * size];
      work(data.subarray(from, end), to.subarray(from, end));
    }
  }
  return numbers.wrap(to);
}
