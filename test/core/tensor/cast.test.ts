import { describe, expect, it } from '@jest/globals';
import { castArray } from '../../../src/core/tensor/cast.js';
import { halfToNumber, numberToHalf } from '../../../src/core/tensor/float16.js';
import { countDifferences, readGolden } from '../../support/golden.js';

describe('castArray gives the bits of numpy', () => {
  it.each(readGolden('cast'))('from $name', ({ arrays }) => {
    const { input, output } = arrays;
    expect(countDifferences(castArray(input!, output!.dtype), output!)).toBe(0);
  });
});

describe('half floats', () => {
  it('survive a round trip in all 65536 patterns', () => {
    let wrong = 0;
    for (let bits = 0; bits < 65536; bits += 1) {
      const value = halfToNumber(bits);
      if (!Number.isNaN(value) && numberToHalf(value) !== bits) wrong += 1;
      if (Number.isNaN(value) && !Number.isNaN(halfToNumber(numberToHalf(value)))) wrong += 1;
    }
    expect(wrong).toBe(0);
  });
});
