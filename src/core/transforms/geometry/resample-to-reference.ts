import { defineTransform } from '../definition.js';
import { choiceParam, fieldParam, fieldsParam, numberParam } from '../param.js';
import { NUMBERS, traceEach } from '../traces.js';
import { needGeometry, takePlaced } from '../values.js';
import { resampleValue } from './resample.js';
import { spatialShape } from './volumes.js';

export const resampleToReference = defineTransform({
  name: 'ResampleToReference',
  group: 'geometry',
  summary: 'Resamples onto the present grid of another field, so that both lie voxel on voxel.',
  notes: 'Within half a voxel of the border the border is repeated; beyond it the value is `fill`.',
  params: {
    fields: fieldsParam('arrays or images with geometry'),
    reference: fieldParam('the field whose grid is wanted'),
    mode: choiceParam('interpolation', ['linear', 'nearest'], { default: 'linear' }),
    fill: numberParam('value outside the field of view', { default: 0 }),
  },
  example: { fields: ['t2'], reference: 't1' },
  trace: (ledger, { fields, reference }) => {
    ledger.readPlaced(reference, NUMBERS);
    traceEach(ledger, fields, { accepts: NUMBERS, gives: 'array', geometry: 'needs' });
  },
  apply: (fields, params) => {
    const target = takePlaced(fields, params.reference);
    const { affine, spatialAxes } = needGeometry(target, params.reference);
    const grid = { affine, shape: spatialShape(target.array, spatialAxes) };
    const sampling = { mode: params.mode, outside: { rule: 'fill', fill: params.fill } as const };
    for (const field of params.fields) {
      const value = takePlaced(fields, field);
      fields.set(field, resampleValue(value, needGeometry(value, field), { grid, sampling }));
    }
  },
});
