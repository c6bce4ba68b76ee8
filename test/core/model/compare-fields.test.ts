import { describe, expect, it } from '@jest/globals';
import { findDifference } from '../../../src/core/model/compare-fields.js';
import type { Plain } from '../../../src/core/tensor/value.js';

const compare = (expected: Plain, found: Plain): string | null =>
  findDifference(new Map([['reply', { plain: expected }]]), new Map([['reply', { plain: found }]]));

describe('a reply that is not the expected one is told in words, never as undefined:', () => {
  it.each<[string, Plain, Plain, string]>([
    [
      'a list where an object came',
      [[1]],
      { scores: [1] },
      'reply: expected a list of 1; found an object with scores.',
    ],
    [
      'an object where a list came',
      { scores: { a: 1 } },
      { scores: [1] },
      'reply: /scores: expected an object with a; found a list of 1.',
    ],
    ['another name', { scores: 1 }, { score: 1 }, "reply: there is no 'scores'; found an object with score."],
    ['another length', { a: [1, 2] }, { a: [1] }, 'reply: /a: expected a list of 2; found a list of 1.'],
    ['an empty object', { a: 1 }, {}, 'reply: expected an object with a; found an object with nothing in it.'],
    ['another number', { a: [1, 2] }, { a: [1, 3] }, 'reply: /a/1: expected 2; found 3.'],
    ['a number for a text', ['1'], [1], 'reply: /0: expected "1"; found 1.'],
    ['an int64', [1n], [2n], 'reply: /0: expected 1; found 2.'],
    ['null for a list', { a: [1] }, { a: null }, 'reply: /a: expected a list of 1; found null.'],
  ])('%s', (_, expected, found, message) => {
    expect(compare(expected, found)).toBe(message);
  });

  it('and nothing is said of equal ones', () => {
    expect(compare({ a: [1, null, { b: 'x' }] }, { a: [1, null, { b: 'x' }] })).toBeNull();
  });
});
