import { describe, expect, it } from '@jest/globals';
import type { ArrayValue, Plain, Value } from '../../../../src/core/tensor/value.js';
import { runOnImage, runSteps } from '../../../support/run-steps.js';
import { AFFINES, applyAffine, fillVolume, placed } from '../../../support/volumes.js';

const inBox = (x: number, y: number, z: number): boolean => x >= 1 && x <= 2 && y >= 2 && y <= 4 && z === 3;
const map = fillVolume([6, 7, 5], (x, y, z) => (inBox(x, y, z) ? 5 : x === 5 && y === 6 && z === 4 ? 2 : 0), 'uint8');

async function measure(
  labels: Value,
  extra: Record<string, Value> = {},
  params: Record<string, unknown> = {},
): Promise<Plain[]> {
  const fields = await runSteps([['LabelStatistics', { fields: ['p'], ...params }]], { p: labels, ...extra });
  const value = fields.get('p_statistics')!;
  return value.kind === 'plain' ? (value.value as Plain[]) : [];
}

describe('LabelStatistics', () => {
  it('measures each label in voxels, mm³, box and centroid in world millimetres', async () => {
    const affine = AFFINES['oblique']!;
    const rows = await measure(placed(map, affine));
    expect(rows).toHaveLength(2);
    const volume = 1.2 * 0.9 * 2.5;
    expect(rows[0]).toEqual({
      label: 2,
      voxels: 1,
      mm3: expect.closeTo(volume, 9),
      bounding_box: { first: [5, 6, 4], last: [5, 6, 4] },
      centroid_voxel: [5, 6, 4],
      centroid_mm: applyAffine(affine, [5, 6, 4]),
    });
    expect(rows[1]).toMatchObject({
      label: 5,
      voxels: 6,
      mm3: expect.closeTo(6 * volume, 9),
      bounding_box: { first: [1, 2, 3], last: [2, 4, 3] },
      centroid_voxel: [1.5, 3, 3],
    });
  });

  it('leaves millimetres out where nothing is known of them', async () => {
    const rows = await measure({ kind: 'array', array: map });
    expect(Object.keys(rows[0] as object)).toEqual(['label', 'voxels', 'bounding_box', 'centroid_voxel']);
  });

  it('measures the intensities under each label', async () => {
    const image = placed(
      fillVolume([6, 7, 5], (x) => x * 10),
      AFFINES['RAS']!,
    );
    const rows = await measure(placed(map, AFFINES['RAS']!), { image }, { image: 'image' });
    expect(rows[1]).toMatchObject({ intensity: { mean: 15, std: 5, min: 10, max: 20 } });
  });

  it('loses no digits of a small deviation round a large mean', async () => {
    const affine = AFFINES['RAS']!;
    const labels = placed(
      fillVolume([40, 40, 40], () => 1, 'uint8'),
      affine,
    );
    const spread = async (value: (x: number) => number): Promise<unknown> => {
      const image = placed(fillVolume([40, 40, 40], value), affine);
      return (await measure(labels, { image }, { image: 'image' }))[0];
    };
    expect(await spread(() => 1000.1)).toMatchObject({ intensity: { mean: Math.fround(1000.1), std: 0 } });
    const large = 2 ** 23;
    expect(await spread((x) => large + (x % 2))).toMatchObject({ intensity: { mean: large + 0.5, std: 0.5 } });
    const infinite = { mean: Number.POSITIVE_INFINITY, std: Number.NaN, max: Number.POSITIVE_INFINITY };
    expect(await spread((x) => (x === 0 ? Number.POSITIVE_INFINITY : 1))).toMatchObject({ intensity: infinite });
  });

  it('follows the axes of the world, not those of the array', async () => {
    const value = placed(map, AFFINES['RAS']!);
    const turned = await runOnImage(
      [
        ['Transpose', { axes: [2, 0, 1] }],
        ['AddBatchDimension', {}],
      ],
      value,
    );
    expect(turned.array.dtype).toBe('uint8');
    expect(await measure(turned)).toEqual(await measure(value));
  });

  it('gives an empty list for an empty map', async () => {
    expect(await measure({ kind: 'array', array: fillVolume([2, 2, 2], () => 0, 'uint8') })).toEqual([]);
  });

  it.each([
    ['more than one volume', fillVolume([2, 3, 3, 3], () => 1, 'uint8'), /more than one volume/],
    [
      'labels of 64 bits',
      { ...fillVolume([2, 2, 2], () => 0, 'uint8'), dtype: 'int64', data: new BigInt64Array(8) },
      /Cast to int32/,
    ],
  ] as const)('refuses %s', async (_title, array, message) => {
    await expect(measure({ kind: 'array', array } as ArrayValue)).rejects.toThrow(message);
  });

  it('refuses an image of another size', async () => {
    const image = placed(
      fillVolume([6, 7, 4], () => 1),
      AFFINES['RAS']!,
    );
    await expect(measure(placed(map, AFFINES['RAS']!), { image }, { image: 'image' })).rejects.toThrow(
      /not that of the labels/,
    );
  });
});

describe('small components', () => {
  const blobs = fillVolume(
    [8, 8, 8],
    (x, y, z) => (x < 3 && y < 3 && z < 3 ? 1 : x > 5 && y > 5 && z > 6 ? 1 : 0),
    'uint8',
  );
  const count = (value: ArrayValue): number => (value.array.data as Uint8Array).reduce((sum, label) => sum + label, 0);

  it('are told by their volume in mm³', async () => {
    const image = placed(blobs, AFFINES['RAS']!);
    const voxel = 1.5 * 2 * 3;
    expect(count(await runOnImage([['RemoveSmallComponents', { min_mm3: 5 * voxel }]], image))).toBe(27);
    expect(count(await runOnImage([['RemoveSmallComponents', { min_mm3: 4 * voxel }]], image))).toBe(31);
    expect(count(await runOnImage([['KeepLargestComponent', { min_mm3: 28 * voxel }]], image))).toBe(0);
  });

  it('have no mm³ where the geometry is not known', async () => {
    const run = runOnImage([['RemoveSmallComponents', { min_mm3: 5 }]], { kind: 'array', array: blobs });
    await expect(run).rejects.toThrow(/no size in mm³/);
  });

  it('are looked for in every volume of an array for itself', async () => {
    const two = { ...blobs, shape: [2, ...blobs.shape], strides: [0, ...blobs.strides] };
    const cleaned = await runOnImage([['KeepLargestComponent', {}]], { kind: 'array', array: two });
    expect(cleaned.array.shape).toEqual([2, 8, 8, 8]);
    expect(count(cleaned)).toBe(54);
  });
});
