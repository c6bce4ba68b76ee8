import { toContiguous } from '../../tensor/contiguous.js';
import { selectIndex } from '../../tensor/layout.js';
import type { NdArray } from '../../tensor/ndarray.js';
import { floatsOf, type Numbers } from '../rounding.js';

export type Floats = Float32Array | Float64Array;

/** Work on one run of numbers, which it may change. */
export type InPlace = (data: Floats) => void;

/** A copy of the numbers of the whole array, worked on in place, in the shape of the array. */
function workOnAll(array: NdArray, work: InPlace): NdArray {
  const numbers: Numbers = floatsOf(array);
  const shared = numbers.data.buffer === array.data.buffer;
  const data = shared ? numbers.data.slice() : numbers.data;
  work(data);
  return numbers.wrap(data);
}

/** The whole array at once, or with `channelwise` each entry of its first axis for itself. float64 stays, else float32. */
export function workOnFloats(array: NdArray, channelwise: boolean, work: InPlace): NdArray {
  if (!channelwise || array.shape.length === 0) return workOnAll(array, work);
  return workOnAll(toContiguous(array), (data) => {
    const count = array.shape[0]!;
    const size = count === 0 ? 0 : selectIndex(array, 0, 0).shape.reduce((a, b) => a * b, 1);
    for (let channel = 0; channel < count; channel += 1) work(data.subarray(channel * size, (channel + 1) * size));
  });
}
