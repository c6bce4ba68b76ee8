import { describe, expect, it } from '@jest/globals';
import { wrapNdArray } from '../../../../src/core/tensor/ndarray.js';
import { parseChain } from '../../../../src/core/transforms/chain.js';
import { runChain } from '../../../../src/core/transforms/run-chain.js';

/** Shares of the channels of float32 logits [channels, places], in float64 throughout. */
function sharesOf(logits: Float32Array, channels: number): number[] {
  const places = logits.length / channels;
  const powers = Array.from(logits, (value, at) => {
    const peak = Math.max(...Array.from({ length: channels }, (_, c) => logits[c * places + (at % places)]!));
    return Math.exp(value - peak);
  });
  return powers.map((power, at) => {
    const sum = Array.from({ length: channels }, (_, c) => powers[c * places + (at % places)]!);
    return power / sum.reduce((a, b) => a + b, 0);
  });
}

describe('Softmax', () => {
  it.each([
    ['few places', 5, 40],
    ['as many channels as no kernel takes', 70, 300],
    ['the kernel', 5, 300],
  ])('rounds once: %s', async (_what, channels, places) => {
    const logits = Float32Array.from({ length: channels * places }, (_, n) => Math.sin(n * 1.7) * 9 + Math.cos(n / 7));
    const array = wrapNdArray('float32', [channels, places], logits.slice());
    const chain = parseChain([{ type: 'Softmax', params: { fields: ['p'] } }], 'chain');
    const result = (await runChain(chain, new Map([['p', { kind: 'array', array }]]))).get('p');
    const ours = result?.kind === 'array' ? [...(result.array.data as Float32Array)] : [];
    const apart = sharesOf(logits, channels).map((share, at) => Math.abs(ours[at]! - share) / share);
    expect(Math.max(...apart)).toBeLessThanOrEqual(6.5e-8);
  });
});
