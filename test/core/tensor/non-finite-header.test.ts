import { describe, expect, it } from '@jest/globals';
import { readNonFinite, renderNonFinite } from '../../../src/core/tensor/non-finite-header.js';

describe('the header that counts numbers which are none', () => {
  it('is read as it was written, whatever the names hold, and is empty when all is well', () => {
    const counts = new Map([
      ['lesion', 258048],
      ['a=b, c', 1],
      ['clean', 0],
    ]);
    const text = renderNonFinite(counts);
    expect(text).toBe('lesion=258048,a%3Db%2C%20c=1');
    expect([...readNonFinite(text)]).toEqual([...counts].slice(0, 2));
    expect(renderNonFinite(new Map([['clean', 0]]))).toBe('');
  });

  it.each<[string, string | undefined, [string, number][]]>([
    ['is missing', undefined, []],
    ['is empty', '', []],
    ['holds no counts', 'yes,a=b,=3', []],
    ['is half an escape', '%E0=4', [['%E0', 4]]],
    ['would steer a terminal', '%1B[2Ja=1', [[' [2Ja', 1]]],
  ])('is not trusted where it %s', (_what, text, counts) => {
    expect([...readNonFinite(text)]).toEqual(counts);
  });
});
