import { defineTransform } from '../definition.js';
import { fieldsParam, jsonParam, listParam } from '../param.js';
import { plainValue } from '../values.js';

export const createConstantFlags = defineTransform({
  name: 'CreateConstantFlags',
  python: 'eisen.transforms.imaging.CreateConstantFlags',
  group: 'fields',
  summary: 'Sets each field to a constant value.',
  notes: 'Overwrites what is there. As many values as fields.',
  params: {
    fields: fieldsParam('fields to set', { mayBeEmpty: true }),
    values: listParam(jsonParam('one value for each field, any JSON'), { least: 0 }),
  },
  example: { fields: ['site'], values: ['A'] },
  check: ({ fields, values }) =>
    fields.length === values.length ? undefined : `there are ${fields.length} fields and ${values.length} values.`,
  trace: (ledger, { fields }) => {
    for (const field of fields) ledger.make(field, { kind: 'plain', geometry: 'none' });
  },
  apply: (fields, params) => {
    params.fields.forEach((field, n) => {
      fields.set(field, plainValue(params.values[n]!));
    });
  },
});
