import { castArray } from '../../tensor/cast.js';
import type { NdArray } from '../../tensor/ndarray.js';
import type { ArrayValue } from '../../tensor/value.js';
import { defineTransform } from '../definition.js';
import { thresholdArray } from '../eisen/threshold-values.js';
import { choiceParam, eitherParam, fieldsParam, integerParam, listParam, numberParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, cannot, takeNumbers } from '../values.js';
import { checkAxis } from './axis.js';
import { channelsAlong, isLazy, lazyArrayValue, materialize, shapeOf } from './lazy-channels.js';

interface Rule {
  readonly limits: readonly number[];
  readonly axis: number;
  readonly direction: 'greater' | 'greater/equal';
}

/** 0 and 1, channel by channel; a value that is restored lazily stays so. */
function binarize(value: ArrayValue, { limits, axis, direction }: Rule): ArrayValue {
  const source = channelsAlong(value, axis);
  const readChannel = (n: number): NdArray =>
    castArray(thresholdArray(source.readChannel(n), { limit: limits[n] ?? limits[0]!, direction }), 'uint8');
  const channels = { dtype: 'uint8', shape: source.shape, axis, readChannel } as const;
  if (isLazy(value) && value.geometry !== undefined) return lazyArrayValue(channels, value.geometry);
  return arrayValue(materialize(channels), value.geometry);
}

export const threshold = defineTransform({
  name: 'Threshold',
  group: 'prediction',
  summary: 'Turns probabilities into uint8 masks of 0 and 1, with one threshold or one for each channel.',
  params: {
    fields: fieldsParam('probabilities'),
    threshold: eitherParam(
      numberParam('what a value must reach; a list gives one for each channel'),
      listParam(numberParam('what a value must reach')),
      { default: 0.5 },
    ),
    axis: integerParam('the channel axis of a list of thresholds', { default: 0 }),
    direction: choiceParam('whether the threshold itself passes', ['greater', 'greater/equal'], {
      default: 'greater/equal',
    }),
  },
  example: { fields: ['prediction'], threshold: [0.5, 0.4, 0.6] },
  trace: traceNumbers,
  apply: (fields, params, { memory }) => {
    for (const field of params.fields) {
      const value = takeNumbers(fields, field);
      const { direction } = params;
      if (typeof params.threshold === 'number' && !isLazy(value)) {
        const mask = thresholdArray(value.array, { limit: params.threshold, direction, memory });
        fields.set(field, arrayValue(castArray(mask, 'uint8'), value.geometry));
        continue;
      }
      const shape = shapeOf(value);
      const axis = checkAxis(params.axis, shape, field);
      const limits = typeof params.threshold === 'number' ? [params.threshold] : params.threshold;
      if (typeof params.threshold !== 'number' && limits.length !== shape[axis])
        throw cannot(field, `axis ${axis} has ${shape[axis]} channels and there are ${limits.length} thresholds.`);
      fields.set(field, binarize(value, { limits, axis, direction }));
    }
  },
});
