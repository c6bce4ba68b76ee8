import { describe, expect, it } from '@jest/globals';
import { resampleLikeNilearn } from '../../../../src/core/imaging/resample/nilearn.js';
import { boundingGrid } from '../../../../src/core/imaging/resample/target-grid.js';
import { wrapNdArray } from '../../../../src/core/tensor/ndarray.js';

type Vector = readonly [number, number, number];

const SHAPE: Vector = [9, 7, 5];
const data = Int16Array.from({ length: 315 }, (_, n) => ((n * 7919) % 601) - 300);
const [COS, SIN] = [Math.cos(0.3), Math.sin(0.3)];

const AFFINES: Record<string, number[]> = {
  'enlarged, so that rows and planes repeat': [2.6, 0, 0, 5, 0, 3.1, 0, -4, 0, 0, 2.2, 1, 0, 0, 0, 1],
  'whole rows at an offset': [1, 0, 0, 3, 0, 2, 0, -4, 0, 0, 0.5, 1, 0, 0, 0, 1],
  flipped: [-1.3, 0, 0, 5, 0, 0.7, 0, -4, 0, 0, -2.2, 1, 0, 0, 0, 1],
  oblique: [1.2 * COS, -SIN, 0, 5, 1.2 * SIN, COS, 0.2, -4, 0.1, 0, 1.7, 1, 0, 0, 0, 1],
  permuted: [0, 0, 1.5, 5, -1.1, 0, 0, -4, 0, 0.8, 0, 1, 0, 0, 0, 1],
};

/** One voxel at a time: the place in the source, then the nearest sample or the mean of eight weighted by distance. */
function sampleSlowly(affine: number[], interpolation: 'nearest' | 'linear'): number[] {
  const { shape, toSource: m } = boundingGrid(SHAPE, affine, [1, 1, 1]);
  const out: number[] = [];
  for (let z = 0; z < shape[2]; z += 1)
    for (let y = 0; y < shape[1]; y += 1)
      for (let x = 0; x < shape[0]; x += 1) {
        const at = [0, 4, 8].map((row) => m[row + 3]! + x * m[row]! + m[row + 1]! * y + m[row + 2]! * z) as [
          number,
          number,
          number,
        ];
        const inside = at.every((place, axis) => place >= 0 && place <= SHAPE[axis]! - 1);
        if (!inside) out.push(0);
        else out.push(interpolation === 'nearest' ? nearest(at) : Math.round(linear(at)));
      }
  return out;
}

function read([x, y, z]: Vector): number {
  return data[Math.min(x, 8) + 9 * (Math.min(y, 6) + 7 * Math.min(z, 4))]!;
}

function nearest(at: Vector): number {
  return read(at.map((place) => Math.floor(place + 0.5)) as unknown as Vector);
}

function linear(at: Vector): number {
  const low = at.map(Math.floor);
  let sum = 0;
  for (let corner = 0; corner < 8; corner += 1) {
    const step = [corner & 1, (corner >> 1) & 1, corner >> 2];
    const weight = step.reduce((w, s, axis) => w * (s ? at[axis]! - low[axis]! : 1 - (at[axis]! - low[axis]!)), 1);
    sum += weight * read(low.map((start, axis) => start + step[axis]!) as unknown as Vector);
  }
  return sum;
}

describe.each(Object.entries(AFFINES))('a grid %s', (_, affine) => {
  const array = wrapNdArray('int16', SHAPE, data, 'F');

  it('has in each voxel the nearest sample, and 0 outside', () => {
    const ours = resampleLikeNilearn({ array, affine, resolution: [1, 1, 1], interpolation: 'nearest' }).array;
    const expected = sampleSlowly(affine, 'nearest');
    expect(ours.data.length).toBe(expected.length);
    // A place that lies between two samples but for rounding may go to either.
    const differing = expected.filter((value, n) => value !== ours.data[n]).length;
    expect(differing).toBeLessThanOrEqual(expected.length / 50);
    expect(new Set(ours.data as Int16Array).size).toBeGreaterThan(100);
  });

  it('has in each voxel the mean of its eight neighbours by distance, within the rounding of a half', () => {
    const ours = resampleLikeNilearn({ array, affine, resolution: [1, 1, 1], interpolation: 'linear' }).array;
    sampleSlowly(affine, 'linear').forEach((value, n) => {
      expect(Math.abs(Number(ours.data[n]) - value)).toBeLessThanOrEqual(1);
    });
  });
});
