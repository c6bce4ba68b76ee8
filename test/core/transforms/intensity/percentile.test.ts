import { describe, expect, it } from '@jest/globals';
import { findPercentiles } from '../../../../src/core/transforms/intensity/percentile.js';
import { selectRanks } from '../../../../src/core/transforms/intensity/ranks.js';

function values(length: number, kind: string): Float32Array {
  let seed = length + 3;
  return Float32Array.from({ length }, (_, n) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const x = seed / 2 ** 31 - 1;
    if (kind === 'tiny and huge') return n % 2 === 0 ? x * 1e-42 : x * 3e38;
    if (kind === 'mostly zero') return n % 10 < 7 ? 0 : x * 100;
    if (kind === 'whole') return Math.round(x * 20);
    return kind === 'with infinities' && n % 9 === 0 ? x / 0 : x;
  });
}

const KINDS = ['spread', 'whole', 'mostly zero', 'tiny and huge', 'with infinities'];

describe.each(KINDS)('ranks of values that are %s', (kind) => {
  it.each([1, 2, 3, 10, 1001, 70_000])('are those of sorting, for %s of them', (length) => {
    const data = values(length, kind);
    const before = data.slice();
    const sorted = data.slice().sort();
    const ranks = [0, 0.005, 0.25, 0.5, 0.75, 0.995, 1].map((share) => Math.floor(share * (length - 1)));
    // Zero has no sign here: sorting would put -0 before 0.
    expect(selectRanks(data, ranks)).toEqual(ranks.map((rank) => sorted[rank]! + 0));
    expect(data).toEqual(before);
  });
});

describe('findPercentiles', () => {
  it.each([Float32Array, Float64Array])('mixes neighbours as numpy does, for %p', (Numbers) => {
    const data = Numbers.from([4, 1, 3, 2]);
    expect(findPercentiles(data, [0, 10, 50, 75, 100])).toEqual(
      [1, 1.3, 2.5, 3.25, 4].map((x) => expect.closeTo(x, 12)),
    );
    expect([...data]).toEqual([4, 1, 3, 2]);
  });

  it('is NaN for nothing, and as soon as one value is', () => {
    expect(findPercentiles(new Float32Array(0), [1])).toEqual([Number.NaN]);
    expect(findPercentiles(Float32Array.of(1, Number.NaN, 2), [1, 2])).toEqual([Number.NaN, Number.NaN]);
    expect(findPercentiles(Float64Array.of(1, Number.NaN, 2), [1])).toEqual([Number.NaN]);
  });
});
