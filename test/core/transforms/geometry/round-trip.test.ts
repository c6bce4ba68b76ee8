import { describe, expect, it } from '@jest/globals';
import { readNifti } from '../../../../src/core/imaging/nifti/read.js';
import { encodeNifti } from '../../../../src/core/imaging/nifti/write.js';
import { axisCodes } from '../../../../src/core/imaging/orientation.js';
import { toContiguous } from '../../../../src/core/tensor/contiguous.js';
import type { ArrayValue, Fields, ImageValue, Value } from '../../../../src/core/tensor/value.js';
import { parseChain } from '../../../../src/core/transforms/chain.js';
import { runChain } from '../../../../src/core/transforms/run-chain.js';
import {
  AFFINES,
  allOrientations,
  applyAffine,
  at,
  brightest,
  distance,
  fillVolume,
  niftiFile,
  placed,
} from '../../../support/volumes.js';

type Steps = [string, Record<string, unknown>][];

async function run(steps: Steps, fields: Record<string, Value>): Promise<Fields> {
  const chain = parseChain(
    steps.map(([type, params]) => ({ type, params })),
    'chain',
  );
  return runChain(chain, new Map(Object.entries(fields)));
}

const FIELDS = { fields: ['image'] };
const SHAPE = [13, 11, 9];
const MARK: [number, number, number] = [3, 7, 2];
const mark = (x: number, y: number, z: number): number => (x === MARK[0] && y === MARK[1] && z === MARK[2] ? 100 : 1);

describe('a marked voxel', () => {
  it.each(allOrientations([1.5, 2, 2.5]).map((affine, n) => ({ n, affine })))(
    'stays at its place in the world and comes back to its index (oblique, orientation $n of 48)',
    async ({ affine }) => {
      const image = placed(fillVolume(SHAPE, mark, 'int16'), affine);
      const steps: Steps = [
        ['Orientation', { ...FIELDS, axcodes: 'RAS' }],
        ['CropOrPad', { ...FIELDS, size: [16, 10, 12] }],
        ['PadToMultiple', { ...FIELDS, k: 8 }],
        ['AddChannelDimension', FIELDS],
        ['AddBatchDimension', FIELDS],
      ];
      const inside = (await run(steps, { image })).get('image') as ArrayValue;
      expect(axisCodes(inside.geometry!.affine)).toBe('RAS');
      const seen = brightest({
        ...inside.array,
        shape: inside.array.shape.slice(2),
        strides: inside.array.strides.slice(2),
      });
      const wanted = applyAffine(affine, MARK);
      expect(distance(applyAffine(inside.geometry!.affine, seen.index), wanted)).toBeLessThan(1e-9);
      const back = (await run([...steps, ['RestoreGeometry', FIELDS], ['Squeeze', FIELDS]], { image })).get(
        'image',
      ) as ArrayValue;
      expect(back.geometry!.affine).toEqual(affine);
      expect(back.array.shape).toEqual(SHAPE);
      expect(brightest(back.array)).toEqual({ index: MARK, value: 100 });
    },
  );
});

describe('RestoreGeometry', () => {
  const smooth = (x: number, y: number, z: number): number =>
    Math.exp(-((x - 6) ** 2 + (y - 5) ** 2 + (z - 4) ** 2) / 40) * 50;

  it.each(Object.entries(AFFINES))(
    'undoes orientation, cropping and padding voxel for voxel: %s',
    async (_name, affine) => {
      const stored = fillVolume(SHAPE, (x, y, z) => x + 20 * y + 400 * z, 'int16');
      const fields = await run(
        [
          ['LoadImage', FIELDS],
          ['Orientation', { ...FIELDS, axcodes: 'PSL' }],
          ['PadToMultiple', { ...FIELDS, k: [8, 4, 16] }],
          ['RestoreGeometry', FIELDS],
          ['WriteNifti', { ...FIELDS, dtype: 'int16' }],
        ],
        { image: niftiFile(stored, affine) },
      );
      const image = fields.get('image') as ImageValue;
      const bytes = Buffer.concat(encodeNifti({ array: image.array, geometry: image.geometry! }));
      const again = readNifti({ bytes });
      const first = readNifti({ bytes: niftiFile(stored, affine).bytes });
      expect(again.geometry!.affine).toEqual(first.geometry!.affine);
      expect(toContiguous(again.array, 'F').data).toEqual(stored.data);
    },
  );

  it.each(Object.entries(AFFINES))(
    'undoes a resampling within the smoothness of the image: %s',
    async (_name, affine) => {
      const image = placed(fillVolume(SHAPE, smooth), affine);
      const fields = await run(
        [
          ['Orientation', { ...FIELDS, axcodes: 'RAS' }],
          ['Spacing', { ...FIELDS, pixdim: [0.8, 1, 0.9] }],
          ['CropOrPad', { ...FIELDS, size: [40, 48, 56] }],
          ['RestoreGeometry', { ...FIELDS, interpolation: 'linear' }],
        ],
        { image },
      );
      const back = fields.get('image') as ArrayValue;
      expect(back.geometry!.affine).toEqual(affine);
      expect(back.array.shape).toEqual(SHAPE);
      // The outermost voxels may lie beyond the last resampled one, where the padding is mixed in.
      let worst = 0;
      for (let z = 1; z < SHAPE[2]! - 1; z += 1)
        for (let y = 1; y < SHAPE[1]! - 1; y += 1)
          for (let x = 1; x < SHAPE[0]! - 1; x += 1)
            worst = Math.max(worst, Math.abs(at(back.array, [x, y, z]) - smooth(x, y, z)));
      expect(worst).toBeLessThan(2);
    },
  );

  it('takes the first volume of a 4-D scan back onto the grid of the scan', async () => {
    const scan = fillVolume([6, 5, 4, 3], (x, y, z, t) => x + 10 * y + 100 * z + 1000 * t, 'int16');
    const fields = await run(
      [
        ['LoadImage', FIELDS],
        ['SelectChannel', { ...FIELDS, axis: 3, index: 0 }],
        ['Orientation', { ...FIELDS, axcodes: 'LPS' }],
        ['RestoreGeometry', FIELDS],
      ],
      { image: niftiFile(scan, AFFINES['oblique']!) },
    );
    const back = fields.get('image') as ArrayValue;
    expect(back.array.shape).toEqual([6, 5, 4]);
    expect(Array.from(toContiguous(back.array, 'F').data as Float32Array)).toEqual(
      Array.from((scan.data as Int16Array).subarray(0, 120)),
    );
  });
});

describe('RestoreGeometry after resampling', () => {
  // Eleven voxels of 1 mm become four of 3 mm, whose last centre is one voxel before the end of the scan.
  const image = placed(
    fillVolume([11, 4, 4], () => 6, 'float32'),
    [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  );
  const spacing: Steps = [['Spacing', { ...FIELDS, pixdim: [3, 1, 1] }]];
  const lastOf = async (steps: Steps): Promise<number[]> => {
    const back = (await run([...spacing, ...steps, ['RestoreGeometry', FIELDS]], { image })).get('image') as ArrayValue;
    return [9, 10].map((x) => at(back.array, [x, 1, 1]));
  };

  it('repeats the border where the scan ends past the last centre', async () => {
    expect(await lastOf([])).toEqual([6, 6]);
  });

  it('and interpolates with what stands in the padding, when there is some', async () => {
    const [inside, outermost] = await lastOf([['PadToMultiple', { ...FIELDS, k: [8, 1, 1] }]]);
    expect(inside).toBeCloseTo(6, 5);
    expect(outermost).toBeLessThan(6);
  });
});
