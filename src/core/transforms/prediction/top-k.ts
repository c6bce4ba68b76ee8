import { squeeze } from '../../tensor/layout.js';
import type { Plain } from '../../tensor/value.js';
import { defineTransform } from '../definition.js';
import { fieldsParam, integerParam, listParam, optionalParam, stringParam } from '../param.js';
import { floatsOf } from '../rounding.js';
import { NUMBERS } from '../traces.js';
import { cannot, plainValue, takeNumbers } from '../values.js';

export const topK = defineTransform({
  name: 'TopK',
  group: 'prediction',
  summary: 'Turns the scores of a classification into a list of the best classes.',
  notes:
    'Gives [{"class": 3, "name": "…", "score": 0.93}, …], best first; equal scores in the order of the classes. Axes of length 1 have no say.',
  params: {
    fields: fieldsParam('scores, one a class'),
    k: integerParam('how many', { default: 5, min: 1 }),
    names: optionalParam(listParam(stringParam('name of each class'))),
  },
  example: { fields: ['prediction'], k: 3, names: ['normal', 'pneumonia', 'nodule'] },
  trace: (ledger, { fields }) => {
    for (const field of fields) {
      ledger.read(field, NUMBERS);
      ledger.make(field, { kind: 'plain', geometry: 'none' });
    }
  },
  apply: (fields, params) => {
    for (const field of params.fields) {
      const array = squeeze(takeNumbers(fields, field).array);
      if (array.shape.length > 1) throw cannot(field, `shape [${array.shape.join(', ')}] is not one score a class.`);
      const scores = Array.from(floatsOf(array).data);
      if (params.names !== null && params.names.length !== scores.length)
        throw cannot(field, `there are ${scores.length} scores and ${params.names.length} names.`);
      const rank = scores.map((score, n) => ({ score, n })).sort((a, b) => b.score - a.score || a.n - b.n);
      const best = rank.slice(0, params.k).map(({ score, n }): Plain => {
        const name = params.names?.[n];
        return name === undefined ? { class: n, score } : { class: n, name, score };
      });
      fields.set(field, plainValue(best));
    }
  },
});
