import type { Value } from '../../tensor/value.js';
import { defineTransform } from '../definition.js';
import { denseRun } from '../dense.js';
import { fieldsParam } from '../param.js';
import { takeField } from '../values.js';

const MOST_NUMBERS = 12;

/** A value in one line: an array by its first numbers, never the whole of it. */
function summarize(value: Value): string {
  if (value.kind === 'plain')
    return JSON.stringify(value.value, (_key, entry: unknown) => (typeof entry === 'bigint' ? String(entry) : entry));
  if (value.kind === 'file') return `${value.bytes.length} bytes of ${value.name ?? 'a file'}`;
  const { data } = denseRun(value.array);
  const more = data.length > MOST_NUMBERS ? ' …' : '';
  const shape = `[${value.array.shape.join(', ')}]`;
  return `${value.array.dtype} ${shape} ${Array.from(data.subarray(0, MOST_NUMBERS) as Float32Array).join(' ')}${more}`;
}

export const getContent = defineTransform({
  name: 'GetContent',
  python: 'eisen.transforms.inspect.GetContent',
  group: 'fields',
  summary: 'Says the beginning of what each field holds; changes nothing.',
  params: { fields: fieldsParam('fields to look at', { mayBeEmpty: true }) },
  example: { fields: ['label'] },
  trace: (ledger, { fields }) => {
    for (const field of fields) ledger.read(field);
  },
  apply: (fields, params, { say }) => {
    for (const field of params.fields) {
      const value = takeField(fields, field);
      say?.(`Data stored in data dictionary at field ${field} ${summarize(value)}`);
    }
  },
});
