import { toContiguous } from '../../tensor/contiguous.js';
import { reshape } from '../../tensor/layout.js';
import { countElements, type NdArray } from '../../tensor/ndarray.js';
import { defineTransform } from '../definition.js';
import { fieldsParam, integerParam, listParam } from '../param.js';
import { traceEach } from '../traces.js';
import { arrayValue, takeArray } from '../values.js';

/** The array laid side by side `reps` times along each axis; the shorter of shape and reps gets ones in front. */
function tile(array: NdArray, reps: readonly number[]): NdArray {
  const rank = Math.max(array.shape.length, reps.length);
  const pad = <T>(list: readonly T[], value: T): T[] => [...new Array<T>(rank - list.length).fill(value), ...list];
  const shape = pad(array.shape, 1);
  const strides = pad(array.strides, 0);
  const counts = pad(reps, 1);
  const full = shape.map((length, axis) => length * counts[axis]!);
  countElements(full, 'RepeatTensor');
  // Each axis as two: which copy (stride 0), and where in it. Copied out densely the two are one again.
  const view: NdArray = {
    ...array,
    shape: shape.flatMap((length, axis) => [counts[axis]!, length]),
    strides: strides.flatMap((stride) => [0, stride]),
  };
  return reshape(toContiguous(view), full);
}

export const repeatTensor = defineTransform({
  name: 'RepeatTensor',
  python: 'eisen.transforms.imaging.RepeatTensor',
  group: 'shape',
  summary: 'Lays copies of the whole array side by side along each axis.',
  notes: "As numpy's tile: a short `reps` counts for the last axes, a long one adds axes in front. Geometry is lost.",
  params: {
    fields: fieldsParam('arrays'),
    reps: listParam(integerParam('how often along each axis', { min: 1 })),
  },
  example: { fields: ['image'], reps: [3, 1, 1, 1] },
  trace: (ledger, { fields }) => traceEach(ledger, fields, { accepts: ['array'], gives: 'array', geometry: 'drops' }),
  apply: (fields, params) => {
    for (const field of params.fields) {
      fields.set(field, arrayValue(tile(takeArray(fields, field).array, params.reps)));
    }
  },
});
