import { toContiguous } from '../../tensor/contiguous.js';
import { createNdArray, type NdArray } from '../../tensor/ndarray.js';
import { defineTransform } from '../definition.js';
import { moveSpatialAxes } from '../geometry/spatial-axes.js';
import { choiceParam, fieldsParam, integerParam, listParam, numberParam } from '../param.js';
import { floatsOf } from '../rounding.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, cannot, takeNumbers } from '../values.js';
import { checkAxis } from './axis.js';
import { type ChannelSource, channelsAlong, shapeOf } from './lazy-channels.js';

interface Rule {
  readonly order: readonly number[];
  readonly threshold: number;
  readonly dtype: 'uint8' | 'uint16';
}

/** One region after the other writes its label where it is above the threshold; a later one writes over an earlier one. */
function paintRegions(source: ChannelSource, { order, threshold, dtype }: Rule): NdArray {
  const labels = createNdArray(dtype, source.shape.toSpliced(source.axis, 1));
  const out = labels.data as Uint8Array;
  order.forEach((label, channel) => {
    const { data } = floatsOf(toContiguous(source.readChannel(channel)));
    for (let n = 0; n < out.length; n += 1) if (data[n]! > threshold) out[n] = label;
  });
  return labels;
}

export const regionsToLabels = defineTransform({
  name: 'RegionsToLabels',
  group: 'prediction',
  summary: 'Turns overlapping regions, one channel each, into one label map.',
  notes:
    "nnU-Net's rule: the regions are painted in the order of their channels, each with its label, so that a later region writes over an earlier one.",
  params: {
    fields: fieldsParam('probabilities of regions'),
    order: listParam(integerParam('label of each channel', { min: 0, max: 65535 })),
    threshold: numberParam('a region is where its probability is above this', { default: 0.5 }),
    axis: integerParam('the channel axis', { default: 0 }),
    dtype: choiceParam('dtype of the label map', ['uint8', 'uint16'], { default: 'uint8' }),
  },
  example: { fields: ['prediction'], order: [2, 1, 3] },
  check: ({ order, dtype }) =>
    dtype === 'uint8' && order.some((label) => label > 255) ? 'a label above 255 does not fit into uint8.' : undefined,
  trace: traceNumbers,
  apply: (fields, params) => {
    for (const field of params.fields) {
      const value = takeNumbers(fields, field);
      const shape = shapeOf(value);
      const axis = checkAxis(params.axis, shape, field);
      if (shape[axis] !== params.order.length)
        throw cannot(field, `axis ${axis} has ${shape[axis]} channels and order names ${params.order.length}.`);
      const geometry = moveSpatialAxes(value.geometry, (old) => (old === axis ? -1 : old - Number(old > axis)));
      fields.set(field, arrayValue(paintRegions(channelsAlong(value, axis), params), geometry));
    }
  },
});
