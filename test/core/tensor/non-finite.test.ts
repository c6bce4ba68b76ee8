import { describe, expect, it } from '@jest/globals';
import { createNdArray, wrapNdArray } from '../../../src/core/tensor/ndarray.js';
import { countNonFinite } from '../../../src/core/tensor/non-finite.js';

describe('numbers that are none', () => {
  it.each([0, 1, 2, 3, 4, 5, 6])('are found at place %d of seven, alone and with others', (place) => {
    const data = new Float32Array(7);
    data[place] = Number.NaN;
    expect(countNonFinite(wrapNdArray('float32', [7], data))).toBe(1);
    data[(place + 3) % 7] = Infinity;
    expect(countNonFinite(wrapNdArray('float32', [7], data))).toBe(2);
  });

  it('are counted within a view only, and never in whole numbers', () => {
    const data = Float64Array.of(Number.NaN, 1, 2, Number.NaN);
    expect(countNonFinite({ ...wrapNdArray('float64', [4], data), shape: [2], strides: [1], offset: 1 })).toBe(0);
    expect(countNonFinite(createNdArray('int32', [5]))).toBe(0);
    expect(countNonFinite(createNdArray('float32', [0]))).toBe(0);
  });
});
