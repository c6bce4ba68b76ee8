import { describe, expect, it } from '@jest/globals';
import { type Interpolation, resampleLikeNilearn } from '../../../../src/core/imaging/resample/nilearn.js';
import { planSlabs } from '../../../../src/core/imaging/resample/slab.js';
import { DTYPES, type DType } from '../../../../src/core/tensor/dtype.js';
import { wrapNdArray } from '../../../../src/core/tensor/ndarray.js';

const SHAPE = [19, 14, 23] as const;
const COUNT = 19 * 14 * 23;
const [COS, SIN] = [Math.cos(0.3), Math.sin(0.3)];

const AFFINES: Record<string, number[]> = {
  'axis-aligned': [-0.8, 0, 0, 7, 0, 0.9, 0, -3, 0, 0, 1.7, 2, 0, 0, 0, 1],
  permuted: [0, 0, 1.5, 5, -1.1, 0, 0, -4, 0, 0.8, 0, 1, 0, 0, 0, 1],
  oblique: [1.2 * COS, -SIN, 0, 5, 1.2 * SIN, COS, 0.2, -4, 0.1, 0, 1.7, 1, 0, 0, 0, 1],
};

const INTEGERS: DType[] = ['bool', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'];

function samples(dtype: DType) {
  const data = new DTYPES[dtype].array(COUNT);
  let seed = 11;
  for (let n = 0; n < COUNT; n += 1) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const value = seed - 2 ** 31;
    // Whole numbers wrap into the dtype; a share of exact zeros of both signs belongs to real volumes.
    data[n] = dtype === 'bool' ? seed >>> 31 : INTEGERS.includes(dtype) ? value : n % 7 === 0 ? -0 : value / 1e6;
  }
  return wrapNdArray(dtype, SHAPE, data, 'F');
}

const bytesOf = ({ data }: { data: { buffer: ArrayBufferLike; byteOffset: number; byteLength: number } }): Buffer =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength);

const CASES = Object.keys(AFFINES).flatMap((name) =>
  [...INTEGERS, 'float32' as const, 'float64' as const].flatMap((dtype) =>
    (['linear', 'nearest'] as const).map((interpolation) => [dtype, interpolation, name] as const),
  ),
);

describe('the memory that kernels may take changes no bit', () => {
  it.each(CASES)('of %s, %s, %s', (dtype: DType, interpolation: Interpolation, name) => {
    const request = { array: samples(dtype), affine: AFFINES[name]!, resolution: [1, 1, 1] as const, interpolation };
    const usual = resampleLikeNilearn(request).array;
    const without = resampleLikeNilearn({ ...request, kernelBytes: 0 }).array;
    expect(bytesOf(usual).equals(bytesOf(without))).toBe(true);
    // Enough for a few source planes only, so that the volume passes through in many slabs.
    const little = resampleLikeNilearn({ ...request, kernelBytes: 24_000 }).array;
    expect(bytesOf(usual).equals(bytesOf(little))).toBe(true);
  });

  it('nor does what the kernels computed before', () => {
    const request = { affine: AFFINES['oblique']!, resolution: [1, 1, 1] as const, interpolation: 'linear' as const };
    const first = resampleLikeNilearn({ ...request, array: samples('int16') }).array;
    resampleLikeNilearn({ ...request, array: samples('float64'), affine: AFFINES['permuted']! });
    const again = resampleLikeNilearn({ ...request, array: samples('int16') }).array;
    expect(bytesOf(first).equals(bytesOf(again))).toBe(true);
  });
});

describe('planSlabs', () => {
  const tilted = [1, 0, 0, 0, 0, 1, 0, 0, 0.1, -0.05, 0.7, 2, 0, 0, 0, 1];
  const request = {
    sourceShape: [10, 10, 60] as const,
    shape: [40, 30, 80] as const,
    toSource: tilted,
    planeBytes: 100,
  };

  it('takes the whole source at once when it is small', () => {
    const plan = planSlabs(request)!;
    expect(plan.planes).toBe(60);
    expect(plan.slabs).toHaveLength(1);
  });

  it('covers every output plane once, and every source plane that it reads', () => {
    const { slabs, planes } = planSlabs({ ...request, mostBytes: 1600 })!;
    expect(slabs.length).toBeGreaterThan(2);
    let next = 0;
    for (const { from, to, low, high } of slabs) {
      expect(from).toBe(next);
      next = to;
      expect(high - low + 1).toBeLessThanOrEqual(planes);
      for (let z = from; z < to; z += 1)
        for (const x of [0, 39])
          for (const y of [0, 29]) {
            const place = 0.1 * x - 0.05 * y + 0.7 * z + 2;
            if (place < 0 || place > 59) continue;
            expect(low).toBeLessThanOrEqual(Math.floor(place));
            expect(high).toBeGreaterThanOrEqual(Math.min(Math.floor(place) + 1, 59));
          }
    }
    expect(next).toBe(80);
  });

  it('refuses when one output plane reads more than is allowed', () => {
    expect(planSlabs({ ...request, mostBytes: 900 })).toBeNull();
  });

  it('refuses a source with more voxels than 32 bits count', () => {
    expect(planSlabs({ ...request, sourceShape: [2048, 1024, 1024] })).toBeNull();
  });
});
