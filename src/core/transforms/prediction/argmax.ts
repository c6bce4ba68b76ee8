import { argmax as bestChannel } from '../../imaging/kernels/argmax.js';
import { toContiguous } from '../../tensor/contiguous.js';
import type { DType, TypedArray } from '../../tensor/dtype.js';
import { countElements, createNdArray, isContiguous, type NdArray, wrapNdArray } from '../../tensor/ndarray.js';
import type { ArrayValue } from '../../tensor/value.js';
import { defineTransform } from '../definition.js';
import { moveSpatialAxes } from '../geometry/spatial-axes.js';
import { choiceParam, fieldsParam, integerParam } from '../param.js';
import { floatsOf } from '../rounding.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, cannot, takeNumbers } from '../values.js';
import { checkAxis } from './axis.js';
import { type ChannelSource, channelsAlong, isLazy, shapeOf } from './lazy-channels.js';

const LABEL_DTYPES = ['uint8', 'uint16', 'int16', 'int32', 'int64'] as const;
const MOST: Record<(typeof LABEL_DTYPES)[number], number> = {
  uint8: 256,
  uint16: 65_536,
  int16: 32_768,
  int32: 2 ** 31,
  int64: 2 ** 53,
};

/** Notes where `channel` beats the best so far. The first of equals wins; NaN beats every number, as in numpy. */
function noteBetter(best: Float32Array | Float64Array, labels: TypedArray, channel: ArrayLike<number>, label: number) {
  const mark = labels instanceof BigInt64Array ? BigInt(label) : label;
  for (let n = 0; n < best.length; n += 1) {
    const value = channel[n]!;
    const present = best[n]!;
    // `!(value <= present)` is true for a NaN value as well; a present NaN stays.
    if (!(value <= present) && !Number.isNaN(present)) {
      best[n] = value;
      labels[n] = mark;
    }
  }
}

/** The index of the largest channel of every voxel, holding two volumes and one channel at most. */
function argmaxOf(source: ChannelSource, dtype: DType): NdArray {
  const count = source.shape[source.axis]!;
  const shape = source.shape.toSpliced(source.axis, 1);
  const labels = createNdArray(dtype, shape);
  const first = floatsOf(toContiguous(source.readChannel(0))).data;
  const best = source.dtype === 'float64' ? Float64Array.from(first) : Float32Array.from(first);
  for (let channel = 1; channel < count; channel += 1) {
    noteBetter(best, labels.data, floatsOf(toContiguous(source.readChannel(channel))).data, channel);
  }
  return labels;
}

/** All channels at once by the kernel, when they lie one after another in memory as float32. */
function argmaxInMemory({ array }: ArrayValue, axis: number): NdArray | undefined {
  const count = array.shape[axis]!;
  const outer = array.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  if (array.dtype !== 'float32' || outer !== 1 || count > 256 || !isContiguous(array)) return undefined;
  const size = countElements(array.shape) / count;
  const channels = Array.from({ length: count }, (_, n) => {
    const start = array.offset + n * size;
    return (array.data as Float32Array).subarray(start, start + size);
  });
  return wrapNdArray('uint8', array.shape.toSpliced(axis, 1), bestChannel(channels));
}

function labelsOf(value: ArrayValue, axis: number, dtype: (typeof LABEL_DTYPES)[number], field: string): ArrayValue {
  const shape = shapeOf(value);
  const at = checkAxis(axis, shape, field);
  const count = shape[at]!;
  if (count === 0) throw cannot(field, `axis ${axis} has no channels to choose from.`);
  if (count > MOST[dtype]) throw cannot(field, `${count} channels do not fit into ${dtype}.`);
  const geometry = moveSpatialAxes(value.geometry, (old) => (old === at ? -1 : old - Number(old > at)));
  const fast = dtype === 'uint8' && !isLazy(value) ? argmaxInMemory(value, at) : undefined;
  return arrayValue(fast ?? argmaxOf(channelsAlong(value, at), dtype), geometry);
}

export const argmax = defineTransform({
  name: 'Argmax',
  group: 'prediction',
  summary: 'Gives each voxel the index of its largest channel.',
  notes: 'The first of equals wins. After RestoreGeometry the channels are restored one at a time.',
  params: {
    fields: fieldsParam('scores or probabilities'),
    axis: integerParam('the channel axis, from the end when negative', { default: 0 }),
    dtype: choiceParam('dtype of the label map', LABEL_DTYPES, { default: 'uint8' }),
  },
  example: { fields: ['prediction'], axis: 0, dtype: 'uint8' },
  trace: traceNumbers,
  apply: (fields, params) => {
    for (const field of params.fields) {
      fields.set(field, labelsOf(takeNumbers(fields, field), params.axis, params.dtype, field));
    }
  },
});
