import { describe, expect, it } from '@jest/globals';
import { refuseProblems, renderFound } from '../../../src/core/errors/refuse-problems.js';

const problem = {
  code: 'CHAIN_INVALID',
  pointer: '/a',
  message: 'a is 3; expected a name.',
  hint: 'Give one.',
} as const;

describe('problems', () => {
  it('are thrown together, one a line, with the code of the first', () => {
    const both = [problem, { ...problem, pointer: '', message: 'Too long.' }];
    expect(() => refuseProblems(both, 'x.json')).toThrow(
      expect.objectContaining({
        code: 'CHAIN_INVALID',
        message: 'x.json#/a: a is 3; expected a name. Give one.\nx.json: Too long. Give one.',
        details: { where: 'x.json#/a' },
      }),
    );
  });

  it('carry what was expected and found of the first', () => {
    expect(() => refuseProblems([{ ...problem, expected: 'a name', found: '3' }], 'x.json')).toThrow(
      expect.objectContaining({ details: { where: 'x.json#/a', expected: 'a name', found: '3' } }),
    );
  });

  it('name the document alone when the first is about the whole of it', () => {
    expect(() => refuseProblems([{ ...problem, pointer: '' }], 'x.json')).toThrow(
      expect.objectContaining({ details: { where: 'x.json' } }),
    );
  });

  it('are not thrown when there is none', () => {
    expect(() => refuseProblems([], 'x.json')).not.toThrow();
  });
});

it('a found value is shown in short', () => {
  expect(renderFound('x'.repeat(100), 10)).toBe('"xxxxxxxx…');
  expect(renderFound(undefined)).toBe('nothing');
  expect(renderFound(12n)).toBe('12');
  expect(renderFound({ a: [1] })).toBe('{"a":[1]}');
});
