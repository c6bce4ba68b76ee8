import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { argmax } from '../../../../src/core/imaging/kernels/argmax.js';
import { centre, momentsOf } from '../../../../src/core/imaging/kernels/moments.js';
import {
  accumulate,
  clip,
  compare,
  findExtremes,
  matchLabel,
  scaleInt16,
  standardise,
  stretch,
} from '../../../../src/core/imaging/kernels/stream.js';

const fr = Math.fround;

function* random(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32 - 0.5;
  }
}

function floats(length: number, seed = 1): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length }, () => next.next().value * 1000);
}

/** Lengths round the width of a vector, and past a piece of the heap. */
const LENGTHS = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 1000, 32 * 1024, 32 * 1024 + 1, 70001];

describe.each(LENGTHS)('kernels over %s elements give the bits of the plain loop', (length) => {
  const data = floats(length);

  it('extremes of float32', () => {
    expect(findExtremes(data)).toEqual({
      min: data.reduce((a, b) => Math.min(a, b)),
      max: data.reduce((a, b) => Math.max(a, b)),
      hasNaN: false,
    });
    const holed = data.slice();
    holed[length - 1] = Number.NaN;
    expect(findExtremes(holed)!.hasNaN).toBe(true);
  });

  it('extremes of int16', () => {
    const whole = Int16Array.from(data, (value) => value * 60);
    expect(findExtremes(whole)).toEqual({
      min: whole.reduce((a, b) => Math.min(a, b)),
      max: whole.reduce((a, b) => Math.max(a, b)),
      hasNaN: false,
    });
  });

  it('stretching in four roundings', () => {
    const [shift, divisor, factor, offset] = [-3.25, 0.7, 255, 0.1].map(fr) as [number, number, number, number];
    const wanted = data.map((x) => fr(fr(fr(fr(x - shift) / divisor) * factor) + offset));
    expect(stretch(data, { shift, divisor, factor, offset })).toEqual(wanted);
  });

  it('standardising in two roundings, also in place', () => {
    const [shift, divisor] = [fr(12.3), fr(45.6)];
    const wanted = data.map((x) => fr(fr(x - shift) / divisor));
    const copy = data.slice();
    expect(standardise(copy, { shift, divisor }, copy)).toEqual(wanted);
  });

  it('clipping, where NaN stays', () => {
    const holed = data.slice();
    holed[length >> 1] = Number.NaN;
    const wanted = holed.map((x) => Math.min(Math.max(x, -100), 100));
    expect(clip(holed, { low: -100, high: 100 })).toEqual(wanted);
  });

  it('scaling int16 in float64', () => {
    const whole = Int16Array.from(data, (value) => value * 60);
    expect(scaleInt16(whole, { slope: 0.1, intercept: -1024.3 })).toEqual(
      Float32Array.from(whole, (x) => x * 0.1 - 1024.3),
    );
  });

  it('comparing with a limit rounded to float32', () => {
    const whole = data.map(Math.round);
    whole[length >> 1] = Number.NaN;
    const is = {
      greater: (x: number) => x > 3,
      smaller: (x: number) => x < 3,
      'greater/equal': (x: number) => x >= 3,
      'smaller/equal': (x: number) => x <= 3,
    };
    for (const relation of Object.keys(is) as (keyof typeof is)[])
      expect(compare(whole, { limit: 3 + 1e-9, relation })).toEqual(whole.map((x) => Number(is[relation](x))));
  });

  it('marking a label', () => {
    const bytes = Uint8Array.from(data, (x) => Math.abs(x) % 5);
    const floats = Float32Array.from(bytes);
    const wanted = floats.map((x) => Number(x === 3));
    for (const labels of [bytes, floats]) {
      const to = new Float32Array(length).fill(9);
      matchLabel(labels, 3, to);
      expect(to).toEqual(wanted);
    }
  });

  it.each([true, false])('moments in float64, of what is not 0: %s', (nonzero) => {
    const holed = data.map((x, n) => (n % 3 === 0 ? 0 : x));
    const counted = [...holed].filter((x) => !nonzero || x !== 0);
    const mean = counted.reduce((sum, x) => sum + x, 0) / counted.length || 0;
    const squares = counted.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    const found = momentsOf(holed, nonzero);
    expect(found.count).toBe(counted.length);
    expect(Math.abs(found.mean - mean)).toBeLessThanOrEqual(1e-10);
    expect(Math.abs(found.squares - squares)).toBeLessThanOrEqual(1e-12 * squares);
  });

  it('centring in float64, where -0 that does not count stays', () => {
    const holed = data.map((x, n) => (n % 3 === 0 ? -0 : x));
    holed[length >> 1] = Number.NaN;
    for (const nonzero of [true, false]) {
      const to = new Float32Array(length);
      centre(holed, { mean: 12.3, factor: 1 / 45.6, nonzero }, to);
      expect(to).toEqual(holed.map((x) => (nonzero && x === 0 ? x : (x - 12.3) * (1 / 45.6))));
    }
  });

  it('accumulating in two roundings', () => {
    const [sum, weight] = [floats(length, 2), floats(length, 3)];
    const wanted = sum.map((x, n) => fr(x + fr(data[n]! * weight[n]!)));
    accumulate(sum, data, weight);
    expect(sum).toEqual(wanted);
  });

  it.each<[string, number, number]>([
    ['of numbers', 1, 1],
    ['with infinities', Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    ['and the first NaN', Number.NaN, Number.NaN],
  ])('argmax, the first of equals, %s', (_, third, fifth) => {
    const channels = [1, 2, 3, 4, 5].map((seed) => floats(length, seed).map((x) => Math.round(x / 200)));
    channels[2]![length >> 1] = third;
    channels[4]![length >> 1] = fifth;
    const wanted = Uint8Array.from({ length }, (_, n) => {
      let best = 0;
      for (let c = 1; c < 5; c += 1) {
        const [x, b] = [channels[c]![n]!, channels[best]![n]!];
        if (x > b || (Number.isNaN(x) && !Number.isNaN(b))) best = c;
      }
      return best;
    });
    expect(argmax(channels)).toEqual(wanted);
  });
});

describe('the kernel module', () => {
  it('is what its source compiles to', () => {
    const root = path.resolve(import.meta.dirname, '..', '..', '..', '..', '..');
    const out = execFileSync(process.execPath, [path.join(root, 'scripts/build-kernels.mjs'), '--check'], {
      encoding: 'utf8',
    });
    expect(out).toContain('unchanged');
  });

  it('finds no extremes in nothing', () => {
    expect(findExtremes(new Float32Array(0))).toBeUndefined();
  });
});
