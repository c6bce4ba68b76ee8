import { describe, expect, it } from '@jest/globals';
import { integerParam, numberParam } from '../../../src/core/transforms/param.js';

describe('a number with a range', () => {
  it.each([
    ['no end', {}, { type: 'number' }, 'a number', [-1e9, 0, 1e9], [Number.NaN, Number.POSITIVE_INFINITY, '1']],
    ['a lowest value', { min: 1 }, { type: 'number', minimum: 1 }, 'a number from 1', [1, 2], [0.999]],
    ['a highest value', { max: 2 }, { type: 'number', maximum: 2 }, 'a number to 2', [2, -5], [2.001]],
    ['an open end', { above: 0 }, { type: 'number', exclusiveMinimum: 0 }, 'a number above 0', [1e-9], [0, -1]],
    [
      'two ends',
      { min: 0, max: 100 },
      { type: 'number', minimum: 0, maximum: 100 },
      'a number from 0 to 100',
      [0, 50, 100],
      [-1, 101],
    ],
  ])(
    'with %s says the same in its schema, in its words and in what it takes',
    (_what, range, schema, words, good, bad) => {
      const param = numberParam('doc', range);
      expect([param.schema, param.expected]).toEqual([schema, words]);
      expect(good.map((value) => param.read(value))).toEqual(good);
      expect(bad.map((value) => param.read(value))).toEqual(bad.map(() => undefined));
    },
  );

  it('may be a whole one', () => {
    const param = integerParam('doc', { min: 1, default: 8 });
    expect([param.schema, param.default]).toEqual([{ type: 'integer', minimum: 1 }, 8]);
    expect([param.read(1), param.read(0), param.read(1.5)]).toEqual([1, undefined, undefined]);
  });
});
