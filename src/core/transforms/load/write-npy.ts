import { toContiguous } from '../../tensor/contiguous.js';
import { encodeNpy } from '../../tensor/npy.js';
import { defineTransform } from '../definition.js';
import { fieldsParam } from '../param.js';
import { NUMBERS, traceEach } from '../traces.js';
import { takeNumbers } from '../values.js';

export const writeNpy = defineTransform({
  name: 'WriteNPY',
  group: 'reading and writing',
  summary: "Makes the bytes of a NumPy .npy file of an array: C order, the array's own dtype.",
  params: { fields: fieldsParam('arrays or images') },
  example: { fields: ['probabilities'] },
  trace: (ledger, { fields }) => traceEach(ledger, fields, { accepts: NUMBERS, gives: 'file', geometry: 'drops' }),
  apply: (fields, params) => {
    for (const field of params.fields) {
      const bytes = Buffer.concat(encodeNpy(toContiguous(takeNumbers(fields, field).array)));
      fields.set(field, { kind: 'file', bytes, name: `${field}.npy`, contentType: 'application/x-npy' });
    }
  },
});
