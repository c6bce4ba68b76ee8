import { defineTransform } from '../definition.js';
import { booleanParam, fieldsParam, numberParam, optionalParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, takeNumbers } from '../values.js';
import { type Floats, workOnFloats } from './channels.js';
import { clipTo } from './clip-percentile.js';

export interface RangeRule {
  readonly from: readonly [number, number];
  /** Null: onto 0 to 1. */
  readonly to: readonly [number, number] | null;
  readonly clip: boolean;
}

/** Maps one range linearly onto another, each step rounded to the dtype of the data. An empty source range only shifts. */
export function scaleRange(out: Floats, data: Floats, { from, to, clip }: RangeRule): void {
  const round = data instanceof Float32Array ? Math.fround : (value: number): number => value;
  const [low, width] = [round(from[0]), round(from[1] - from[0])];
  if (width === 0) for (let n = 0; n < data.length; n += 1) out[n] = data[n]! - low;
  else for (let n = 0; n < data.length; n += 1) out[n] = round(data[n]! - low) / width;
  if (to === null) {
    if (clip) clipTo(out, out, { low: 0, high: 1 });
    return;
  }
  const [base, span] = [round(to[0]), width === 0 ? 1 : round(to[1] - to[0])];
  for (let n = 0; n < data.length; n += 1) out[n] = round(out[n]! * span) + base;
  if (clip) clipTo(out, out, { low: Math.min(...to), high: Math.max(...to) });
}

export const scaleIntensityRange = defineTransform({
  name: 'ScaleIntensityRange',
  group: 'intensity',
  summary: 'Maps the range a_min to a_max linearly onto b_min to b_max.',
  notes:
    "As MONAI's transform of that name. Without b_min and b_max onto 0 to 1. Where a_min equals a_max values are only shifted, by a_min and then b_min, as MONAI does with a warning.",
  params: {
    fields: fieldsParam('arrays or images'),
    a_min: numberParam('lower end of the source range'),
    a_max: numberParam('upper end of the source range'),
    b_min: optionalParam(numberParam('lower end of the target range')),
    b_max: optionalParam(numberParam('upper end of the target range')),
    clip: booleanParam('cut what lies outside the target range', { default: false }),
  },
  example: { fields: ['image'], a_min: -175, a_max: 250, b_min: 0, b_max: 1, clip: true },
  check: ({ b_min, b_max }) =>
    (b_min === null) === (b_max === null) ? undefined : 'give both b_min and b_max, or none.',
  trace: traceNumbers,
  apply: (fields, { a_min, a_max, b_min, b_max, clip, ...params }, { memory }) => {
    const to = b_min === null || b_max === null ? null : ([b_min, b_max] as const);
    for (const field of params.fields) {
      const { array, geometry } = takeNumbers(fields, field, memory);
      const scaled = workOnFloats({ array, memory }, (data, out) =>
        scaleRange(out, data, { from: [a_min, a_max], to, clip }),
      );
      fields.set(field, arrayValue(scaled, geometry));
    }
  },
});
