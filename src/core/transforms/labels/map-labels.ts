import { castArray } from '../../tensor/cast.js';
import { DTYPES, type DType } from '../../tensor/dtype.js';
import { defineTransform } from '../definition.js';
import { denseRun } from '../dense.js';
import { fitsDType } from '../fit-dtype.js';
import { choiceParam, fieldsParam, integerParam, mappingParam, optionalParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, cannot } from '../values.js';
import { takeLabels } from './label-volumes.js';

const DTYPES_OUT = ['uint8', 'uint16', 'int16', 'int32'] as const satisfies readonly DType[];

export const mapLabels = defineTransform({
  name: 'MapLabels',
  group: 'labels',
  summary: 'Gives labels new numbers.',
  notes:
    'A label that is not named keeps its number, or becomes `default` when that is given. A new number that the dtype of the result cannot hold is refused: give `dtype` then.',
  params: {
    fields: fieldsParam('label maps'),
    mapping: mappingParam(
      integerParam('new number of each label, as {"old": new}', { min: -(2 ** 31), max: 2 ** 31 - 1 }),
    ),
    default: optionalParam(integerParam('number of the labels that are not named; null: they stay')),
    dtype: optionalParam(choiceParam('dtype of the result; null: that of the map', DTYPES_OUT)),
  },
  example: { fields: ['prediction'], mapping: { 1: 10, 2: 20 }, default: 0 },
  check: ({ mapping, default: fallback, dtype }) => {
    const odd = [...mapping.keys()].find((label) => !/^-?\d{1,10}$/.test(label));
    if (odd !== undefined) return `'${odd}' is no label; expected whole numbers as keys of mapping.`;
    const wide = [...mapping.values(), fallback ?? 0].find((label) => dtype !== null && !fitsDType(label, dtype));
    return wide === undefined ? undefined : `the label ${wide} does not fit into ${dtype}.`;
  },
  trace: traceNumbers,
  apply: (fields, params) => {
    const mapping = new Map([...params.mapping].map(([label, value]) => [Number(label), value]));
    for (const field of params.fields) {
      const { array, geometry } = takeLabels(fields, field);
      const dtype = params.dtype ?? array.dtype;
      const held = DTYPES[dtype].kind === 'float' ? 'int32' : dtype;
      const { data, wrap } = denseRun(array);
      const out = new Int32Array(data.length);
      let last = Number.NaN;
      let value = 0;
      for (let n = 0; n < out.length; n += 1) {
        const label = data[n] as number;
        if (label !== last) {
          last = label;
          value = mapping.get(label) ?? params.default ?? label;
          if (!fitsDType(value, held))
            throw cannot(
              field,
              `the label ${value} does not fit into ${held}.`,
              'Give dtype a wider one, such as int32.',
            );
        }
        out[n] = value;
      }
      fields.set(field, arrayValue(castArray(wrap('int32', out), dtype), geometry));
    }
  },
});
