import { describe, expect, it } from '@jest/globals';
import {
  contiguousStrides,
  countElements,
  createNdArray,
  isContiguous,
  wrapNdArray,
} from '../../../src/core/tensor/ndarray.js';

describe('ndarray', () => {
  it('strides C order with the last axis fastest and F order with the first', () => {
    expect(contiguousStrides([2, 3, 4])).toEqual([12, 4, 1]);
    expect(contiguousStrides([2, 3, 4], 'F')).toEqual([1, 2, 6]);
  });

  it('refuses a shape whose product is not a safe count', () => {
    expect(() => countElements([32767, 32767, 32767, 32767])).toThrow('is more than');
    expect(() => countElements([-1])).toThrow('axis length is -1');
    expect(() => countElements([1.5])).toThrow('axis length is 1.5');
  });

  it('refuses elements that do not fill the shape', () => {
    expect(() => wrapNdArray('float32', [2, 2], new Float32Array(3))).toThrow('needs 4 elements; found 3');
  });

  it('ignores axes of one when it judges contiguity', () => {
    const array = createNdArray('uint8', [1, 3]);
    expect(isContiguous({ ...array, strides: [99, 1] })).toBe(true);
    expect(isContiguous({ ...array, shape: [3, 1], strides: [1, 5] })).toBe(true);
  });
});
