import { describe, expect, it } from '@jest/globals';
import { expOfNegative } from '../../../../src/core/transforms/prediction/exponential.js';

describe('the exponential of a number up to 0', () => {
  it('is within 1e-11 of the exact one over its whole range', () => {
    let worst = 0;
    for (let x = 0; x > -700; x -= 0.0137) worst = Math.max(worst, Math.abs(expOfNegative(x) / Math.exp(x) - 1));
    expect(worst).toBeLessThan(1e-11);
  });

  it.each([
    [0, 1],
    [-0, 1],
    [-746, 0],
    [Number.NEGATIVE_INFINITY, 0],
    [Number.NaN, Number.NaN],
  ])('of %d is %d', (x, wanted) => {
    expect(expOfNegative(x)).toBe(wanted);
  });
});
