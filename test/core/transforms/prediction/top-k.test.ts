import { describe, expect, it } from '@jest/globals';
import { wrapNdArray } from '../../../../src/core/tensor/ndarray.js';
import { plainValue } from '../../../../src/core/transforms/values.js';
import { runSteps } from '../../../support/run-steps.js';

const scores = (shape: number[]) => ({
  kind: 'array' as const,
  array: wrapNdArray('float32', shape, Float32Array.of(0.25, 0.5, 0.125, 0.5)),
});
const best = async (shape: number[], params: Record<string, unknown>) =>
  (await runSteps([['TopK', { fields: ['p'], ...params }]], { p: scores(shape) })).get('p');

describe('TopK', () => {
  it('lists the best classes first, equals in their order', async () => {
    expect(await best([1, 4], { k: 3 })).toEqual(
      plainValue([
        { class: 1, score: 0.5 },
        { class: 3, score: 0.5 },
        { class: 0, score: 0.25 },
      ]),
    );
  });

  it('names the classes, and gives no more than there are', async () => {
    const value = await best([4], { k: 9, names: ['a', 'b', 'c', 'd'] });
    expect(value).toMatchObject({ value: [{ name: 'b' }, { name: 'd' }, { name: 'a' }, { class: 2, name: 'c' }] });
  });

  it.each([
    ['scores of several samples', [2, 2], {}, /not one score a class/],
    ['a list of names of another length', [4], { names: ['a'] }, /4 scores and 1 names/],
  ])('refuses %s', async (_title, shape, params, message) => {
    await expect(best(shape, params)).rejects.toThrow(message);
  });
});
