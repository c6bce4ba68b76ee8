import { defineTransform } from '../definition.js';
import { fieldsParam, numberParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, takeNumbers } from '../values.js';
import { workOnFloats } from './channels.js';
import { scaleRange } from './scale-intensity-range.js';

export const huWindow = defineTransform({
  name: 'HUWindow',
  group: 'intensity',
  summary: 'Applies a window, as a radiologist sets it: center and width map onto a range, the rest is cut.',
  params: {
    fields: fieldsParam('arrays or images'),
    center: numberParam('middle of the window, for CT in Hounsfield units'),
    width: numberParam('width of the window', { above: 0 }),
    b_min: numberParam('lower end of the target range', { default: 0 }),
    b_max: numberParam('upper end of the target range', { default: 1 }),
  },
  example: { fields: ['image'], center: 40, width: 400 },
  trace: traceNumbers,
  apply: (fields, { center, width, b_min, b_max, ...params }, { memory }) => {
    const from = [center - width / 2, center + width / 2] as const;
    for (const field of params.fields) {
      const { array, geometry } = takeNumbers(fields, field, memory);
      const scaled = workOnFloats({ array, memory }, (data, out) =>
        scaleRange(out, data, { from, to: [b_min, b_max], clip: true }),
      );
      fields.set(field, arrayValue(scaled, geometry));
    }
  },
});
