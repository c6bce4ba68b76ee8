import { defineTransform } from '../definition.js';
import { fieldsParam } from '../param.js';
import { takeField } from '../values.js';

export const renameFields = defineTransform({
  name: 'RenameFields',
  python: 'eisen.transforms.imaging.RenameFields',
  group: 'fields',
  summary: 'Gives fields new names.',
  notes:
    'One after the other: a swap of two names loses one of them. A renamed field goes to the end of the dictionary and replaces a field of that name in its place.',
  params: {
    fields: fieldsParam('present names', { mayBeEmpty: true }),
    new_fields: fieldsParam('new names, as many', { mayBeEmpty: true }),
  },
  example: { fields: ['image'], new_fields: ['input'] },
  check: ({ fields, new_fields }) =>
    fields.length === new_fields.length
      ? undefined
      : `there are ${fields.length} fields and ${new_fields.length} new names.`,
  trace: (ledger, { fields, new_fields }) => {
    fields.forEach((field, n) => {
      const facts = ledger.read(field);
      ledger.drop(field);
      ledger.make(new_fields[n]!, facts);
    });
  },
  apply: (fields, params) => {
    params.fields.forEach((field, n) => {
      const value = takeField(fields, field);
      fields.delete(field);
      fields.set(params.new_fields[n]!, value);
    });
  },
});
