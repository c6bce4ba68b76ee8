import { describe, expect, it } from '@jest/globals';
import { DTYPES, type DType } from '../../../src/core/tensor/dtype.js';
import { freshElements } from '../../../src/core/tensor/fresh-elements.js';

describe('freshElements', () => {
  it.each(Object.keys(DTYPES) as DType[])('gives arrays of %s with memory of their own, small and large', (dtype) => {
    for (const count of [0, 5, 70_000]) {
      const made = freshElements(dtype, count);
      expect(made).toBeInstanceOf(DTYPES[dtype].array);
      expect(made).toHaveLength(count);
      expect(made.byteOffset).toBe(0);
      expect(made.buffer.byteLength).toBe(count * DTYPES[dtype].bytes);
    }
  });
});
