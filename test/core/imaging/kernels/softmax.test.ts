import { describe, expect, it } from '@jest/globals';
import { softmaxChannels } from '../../../../src/core/imaging/kernels/softmax.js';

/** Softmax of the channels of one place in float64. */
function softmaxSlowly(values: number[]): number[] {
  const peak = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - peak));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function run(places: number[][]): number[][] {
  const [stride, channels] = [places.length, places[0]!.length];
  const lead = 5;
  const source = new Float32Array(lead + stride * channels);
  places.forEach((values, n) => {
    values.forEach((value, c) => {
      source[lead + c * stride + n] = value;
    });
  });
  const out = new Float32Array(source.length).fill(7);
  softmaxChannels(source, out, { from: lead, stride, channels });
  expect([...out.subarray(0, lead)]).toEqual([7, 7, 7, 7, 7]);
  return places.map((values, n) => values.map((_, c) => out[lead + c * stride + n]!));
}

describe('softmax by the kernel', () => {
  it.each([1, 2, 3, 5, 2047, 2048, 2049, 5001])(
    'is within 6.5e-8 of the shares, a rounding to float32 included, at %d places',
    (count) => {
      let seed = 3;
      const next = (): number => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return Math.fround((seed / 2 ** 31 - 1) * 40);
      };
      const places = Array.from({ length: count }, () => [next(), next(), next(), next()]);
      const ours = run(places);
      places.forEach((values, n) => {
        softmaxSlowly(values).forEach((share, c) => {
          expect(Math.abs(ours[n]![c]! - share)).toBeLessThanOrEqual(share * 6.5e-8 + 1e-45);
        });
      });
    },
  );

  it.each<[string, number[], number[]]>([
    ['a channel of minus infinity has no share', [0, Number.NEGATIVE_INFINITY, 0], [0.5, 0, 0.5]],
    ['far below the greatest is 0', [0, -3e38, -800], [1, 0, 0]],
    ['far below a huge one is 0', [3e38, 1e38, 3.39e38], [0, 0, 1]],
    ['one NaN makes its place NaN', [0, Number.NaN, 1], [Number.NaN, Number.NaN, Number.NaN]],
    ['plus infinity makes its place NaN', [0, Number.POSITIVE_INFINITY, 1], [Number.NaN, Number.NaN, Number.NaN]],
    ['equal channels share alike', [3e38, 3e38, 3e38], [1 / 3, 1 / 3, 1 / 3].map(Math.fround)],
  ])('%s', (_, values, expected) => {
    expect(run([[1, 1, 1], values])[1]).toEqual(expected);
  });
});
