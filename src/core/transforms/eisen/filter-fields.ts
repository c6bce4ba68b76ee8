import { defineTransform } from '../definition.js';
import { fieldsParam } from '../param.js';
import { takeField } from '../values.js';

export const filterFields = defineTransform({
  name: 'FilterFields',
  python: 'eisen.transforms.imaging.FilterFields',
  group: 'fields',
  summary: 'Keeps only the named fields, in this order.',
  params: { fields: fieldsParam('fields to keep', { mayBeEmpty: true }) },
  example: { fields: ['prediction'] },
  trace: (ledger, { fields }) => {
    const kept = fields.map((field) => [field, ledger.read(field)] as const);
    for (const field of ledger.names()) ledger.drop(field);
    for (const [field, facts] of kept) ledger.make(field, facts);
  },
  apply: (fields, params) => {
    const kept = params.fields.map((field) => [field, takeField(fields, field)] as const);
    fields.clear();
    for (const [field, value] of kept) fields.set(field, value);
  },
});
