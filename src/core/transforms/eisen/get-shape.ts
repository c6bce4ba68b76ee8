import { defineTransform } from '../definition.js';
import { fieldsParam } from '../param.js';
import { cannot, takeField } from '../values.js';

export const getShape = defineTransform({
  name: 'GetShape',
  python: 'eisen.transforms.inspect.GetShape',
  group: 'fields',
  summary: 'Says the shape of each field; changes nothing.',
  params: { fields: fieldsParam('fields to look at', { mayBeEmpty: true }) },
  example: { fields: ['image'] },
  trace: (ledger, { fields }) => {
    for (const field of fields) ledger.read(field, ['array', 'image']);
  },
  apply: (fields, params, { say }) => {
    for (const field of params.fields) {
      const value = takeField(fields, field);
      if (value.kind !== 'array' && value.kind !== 'image') throw cannot(field, 'only arrays and images have a shape.');
      say?.(`Data stored in data dictionary at field ${field} has shape ${shapeText(value.array.shape)}`);
    }
  },
});

/** A shape as Python prints a tuple. */
const shapeText = (shape: readonly number[]): string =>
  shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
