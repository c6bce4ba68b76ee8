import { castArray } from '../../tensor/cast.js';
import { DTYPES, type DType } from '../../tensor/dtype.js';
import { defineTransform } from '../definition.js';
import { choiceParam, fieldsParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, takeNumbers } from '../values.js';

export const DTYPE_NAMES = Object.keys(DTYPES) as DType[];

export const cast = defineTransform({
  name: 'Cast',
  group: 'intensity',
  summary: 'Converts the values to another dtype.',
  notes: "As numpy's astype: fractions are cut toward zero, integers wrap.",
  params: { fields: fieldsParam('arrays or images'), dtype: choiceParam('the dtype', DTYPE_NAMES) },
  example: { fields: ['image'], dtype: 'float32' },
  trace: traceNumbers,
  apply: (fields, params) => {
    for (const field of params.fields) {
      const { array, geometry } = takeNumbers(fields, field);
      fields.set(field, arrayValue(castArray(array, params.dtype), geometry));
    }
  },
});
