import { matchLabel } from '../../imaging/kernels/stream.js';
import { squeeze } from '../../tensor/layout.js';
import type { NdArray } from '../../tensor/ndarray.js';
import type { StepMemory } from '../chain-memory.js';
import { defineTransform } from '../definition.js';
import { denseRun } from '../dense.js';
import { moveSpatialAxes } from '../geometry/spatial-axes.js';
import { fieldsParam, listParam, numberParam } from '../param.js';
import { numbersOf, roundOf } from '../rounding.js';
import { traceArrays } from '../traces.js';
import { arrayValue, takeArray } from '../values.js';

function toOneHot(array: NdArray, classes: readonly number[], memory: StepMemory): NdArray {
  const { data: stored, wrap } = denseRun(array);
  const wide = array.dtype === 'float16' || array.dtype === 'int64' || array.dtype === 'uint64';
  const data = wide ? numbersOf(array).data : (stored as Float32Array | Uint8Array);
  const round = roundOf(array.dtype);
  const count = data.length;
  const out = memory.take('float32', count * classes.length);
  classes.forEach((wanted, channel) => {
    const label = round(wanted);
    const start = channel * count;
    const kernel = data instanceof Float32Array || (data instanceof Uint8Array && (label & 255) === label);
    if (kernel) matchLabel(data, label, out.subarray(start, start + count));
    else for (let n = 0; n < count; n += 1) out[start + n] = Number(data[n] === label);
  });
  const one = wrap('float32', out);
  return { ...one, shape: [classes.length, ...one.shape], strides: [count, ...one.strides] };
}

export const labelMapToOneHot = defineTransform({
  name: 'LabelMapToOneHot',
  python: 'eisen.transforms.imaging.LabelMapToOneHot',
  group: 'labels',
  summary: 'Turns a label map into one float32 channel of 0 and 1 for each class.',
  notes: 'Every axis of length 1 is squeezed away first, a batch of one included.',
  params: {
    fields: fieldsParam('label maps'),
    classes: listParam(numberParam('the label of each channel'), { least: 0 }),
  },
  example: { fields: ['label'], classes: [0, 1, 2] },
  trace: traceArrays,
  apply: (fields, params, { memory }) => {
    for (const field of params.fields) {
      const { array, geometry } = takeArray(fields, field);
      const gone = array.shape.flatMap((length, axis) => (length === 1 ? [axis] : []));
      const moved = moveSpatialAxes(geometry, (axis) =>
        gone.includes(axis) ? -1 : axis + 1 - gone.filter((other) => other < axis).length,
      );
      fields.set(field, arrayValue(toOneHot(squeeze(array), params.classes, memory), moved));
    }
  },
});
