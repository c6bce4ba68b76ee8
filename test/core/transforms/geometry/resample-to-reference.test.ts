import { describe, expect, it } from '@jest/globals';
import { multiplyAffines } from '../../../../src/core/imaging/affine.js';
import type { Affine, ArrayValue, ImageValue, Value } from '../../../../src/core/tensor/value.js';
import { gridsCoincide } from '../../../../src/core/transforms/shared-geometry.js';
import { runSteps } from '../../../support/run-steps.js';
import { AFFINES, at, fillVolume, placed } from '../../../support/volumes.js';

const oblique = AFFINES['oblique']!;
const SHAPE = [12, 10, 8] as const;
/** As a series gives it whose decimals were rounded by another writer. */
const rounded = oblique.map((entry, n) => (n < 12 ? entry + (n % 2 === 0 ? 4e-6 : -3e-6) : entry));
/** Half of the voxels are exactly 0, as outside of a head. */
const volume = fillVolume([...SHAPE], (x, y, z) => (x < 6 ? 0 : x + 10 * y + 100 * z + 0.25));
const movedX = (mm: number): Affine => oblique.map((entry, n) => (n === 3 ? entry + mm : entry));

const shiftVoxels = (i: number, j: number, k: number): Affine =>
  multiplyAffines(oblique, [1, 0, 0, i, 0, 1, 0, j, 0, 0, 1, k, 0, 0, 0, 1]);

async function bring(image: Value, reference: Affine, params: object = {}): Promise<ArrayValue> {
  const steps = [['ResampleToReference', { fields: ['image'], reference: 'other', ...params }]] as const;
  const fields = { image, other: placed(volume, reference) };
  return (await runSteps(steps, fields)).get('image') as ArrayValue;
}
const listed = ({ array }: ArrayValue): number[] =>
  Array.from({ length: 960 }, (_, n) => at(array, [Math.floor(n / 80), Math.floor(n / 8) % 10, n % 8]));

describe('ResampleToReference onto the same grid', () => {
  it.each(['linear', 'nearest'])('makes no numbers near 0 of zeros when decimals were rounded (%s)', async (mode) => {
    const image = placed(volume, oblique);
    const moved = await bring(image, rounded, { mode });
    expect(listed(moved)).toEqual(listed({ kind: 'array', array: volume }));
    expect(moved.geometry!.affine).toEqual(rounded);
    expect(moved.geometry!.original.affine).toEqual(oblique);
  });

  it('gives the dtypes that sampling gives: whole numbers stay whole only by nearest', async () => {
    const labels = placed(
      fillVolume([...SHAPE], (x) => x % 3, 'int16'),
      oblique,
    );
    expect((await bring(labels, rounded)).array.dtype).toBe('float32');
    expect((await bring(labels, rounded, { mode: 'nearest' })).array.dtype).toBe('int16');
  });

  it('scales the stored values of an image', async () => {
    const array = fillVolume([...SHAPE], (x) => x, 'int16');
    const { geometry } = placed(array, oblique);
    const image: ImageValue = { kind: 'image', form: 'nifti', array, geometry, scaling: { slope: 2, intercept: 1 } };
    const moved = await bring(image, rounded);
    expect(moved.array.dtype).toBe('float32');
    expect(at(moved.array, [3, 4, 5])).toBe(7);
  });

  it('still samples where the grids lie apart', async () => {
    const moved = await bring(placed(volume, oblique), movedX(0.01));
    expect(listed(moved)).not.toEqual(listed({ kind: 'array', array: volume }));
  });
});

describe('ResampleToReference of scans that do not overlap', () => {
  it.each([
    ['far away', movedX(1000)],
    ['beside the last voxel', shiftVoxels(12.01, 0, 0)],
    ['beside the first voxel', shiftVoxels(0, -10.01, 0)],
    ['beside a corner only', shiftVoxels(11.7, 9.7, 7.7)],
  ])('refuses one %s, naming both, instead of giving nothing but fill', async (_name, reference) => {
    await expect(bring(placed(volume, oblique), reference)).rejects.toMatchObject({
      code: 'GEOMETRY',
      message: expect.stringContaining("field 'image' and 'other' do not overlap"),
      details: expect.objectContaining({ hint: expect.stringContaining('one patient') }),
    });
  });

  it('gives fill where that is asked for', async () => {
    const apart = await bring(placed(volume, oblique), movedX(1000), { fill: 7, require_overlap: false });
    expect(new Set(listed(apart))).toEqual(new Set([7]));
  });

  it.each([
    ['one row', shiftVoxels(11.4, 0, 0)],
    ['the last corner', shiftVoxels(11.4, 9.4, 7.4)],
    ['the first corner', shiftVoxels(-11.4, -9.4, -7.4)],
  ])('takes it when %s overlaps', async (_name, reference) => {
    expect(listed(await bring(placed(volume, oblique), reference, { fill: -1 })).some((value) => value >= 0)).toBe(
      true,
    );
  });
});

describe('two grids coincide', () => {
  it.each<[string, Affine, readonly [number, number, number], boolean]>([
    ['when they are equal', oblique, SHAPE, true],
    ['when decimals differ by rounding', rounded, SHAPE, true],
    ['not when they lie 0.01 mm apart', movedX(0.01), SHAPE, false],
    ['not when one has another plane', oblique, [12, 10, 9], false],
    ['not when far corners drift apart', oblique.map((e, n) => (n === 0 ? e + 1e-4 : e)), SHAPE, false],
  ])('%s', (_, affine, shape, expected) => {
    expect(gridsCoincide({ affine: oblique, shape: SHAPE }, { affine, shape })).toBe(expected);
  });
});
