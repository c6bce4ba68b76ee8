import { describe, expect, it } from '@jest/globals';
import { didYouMean, nearestName } from '../../../src/core/errors/nearest-name.js';
import { appendPointer, renderPlace, renderProblem } from '../../../src/core/errors/problem.js';

describe('a problem', () => {
  it('escapes a slash and a tilde in its pointer', () => {
    expect(appendPointer(appendPointer('', 'a/b'), 'c~d')).toBe('/a~1b/c~0d');
    expect(appendPointer('/Transforms', 3)).toBe('/Transforms/3');
  });

  it('is one line with its place first and the hint last', () => {
    const problem = { code: 'USAGE', pointer: '/a', message: 'a is 3; expected text.', hint: 'Quote it.' } as const;
    expect(renderProblem(problem, 'x.json')).toBe('x.json#/a: a is 3; expected text. Quote it.');
    expect(renderProblem({ code: 'USAGE', pointer: '', message: 'Empty.' }, 'x.json')).toBe('x.json: Empty.');
    const cut = { code: 'JSON_INVALID', pointer: '', place: '12:5', message: 'the text ends.' } as const;
    expect(renderProblem(cut, 'x.json')).toBe('x.json:12:5: the text ends.');
  });

  it('has its place as the fragment of the document, and none for the whole of it', () => {
    expect(renderPlace('chain.json', '/Transforms/2')).toBe('chain.json#/Transforms/2');
    expect(renderPlace('chain.json', '')).toBe('chain.json');
  });
});

describe('the nearest name', () => {
  const known = ['MapValues', 'ThresholdValues', 'Softmax'];
  it.each([
    ['MapValue', 'MapValues'],
    ['mapvalues', 'MapValues'],
    ['SotfMax', 'Softmax'],
    ['TresholdValues', 'ThresholdValues'],
    ['Orientation', undefined],
    ['x'.repeat(101), undefined],
    ['', undefined],
  ])('of %s is %s', (name, nearest) => {
    expect(nearestName(name, known)).toBe(nearest);
  });

  it('is offered as a question', () => {
    expect(didYouMean('Sofmax', known)).toBe(" Did you mean 'Softmax'?");
    expect(didYouMean('Other', known)).toBe('');
  });
});
