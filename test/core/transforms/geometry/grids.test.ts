import { describe, expect, it } from '@jest/globals';
import { EisenError } from '../../../../src/core/errors/error.js';
import { toContiguous } from '../../../../src/core/tensor/contiguous.js';
import type { ArrayValue, Value } from '../../../../src/core/tensor/value.js';
import { inheritGeometry } from '../../../../src/core/transforms/geometry/inherit-geometry.js';
import { runOnImage, runSteps } from '../../../support/run-steps.js';
import { AFFINES, applyAffine, at, distance, fillVolume, placed } from '../../../support/volumes.js';

const oblique = AFFINES['oblique']!;
const volume = fillVolume([6, 5, 4], (x, y, z) => x + 10 * y + 100 * z);
const image = placed(volume, oblique);
const corner = (value: ArrayValue): number[] => applyAffine(value.geometry!.affine, [0, 0, 0]);

describe('the geometry', () => {
  it('of Resize keeps the outer edges of the volume where they are', async () => {
    const resized = await runOnImage([['Resize', { size: [12, 5, 2] }]], image);
    const edge = (affine: readonly number[], lengths: readonly number[]): number[][] => [
      applyAffine(affine, [-0.5, -0.5, -0.5]),
      applyAffine(affine, [lengths[0]! - 0.5, lengths[1]! - 0.5, lengths[2]! - 0.5]),
    ];
    const [before, after] = [edge(oblique, [6, 5, 4]), edge(resized.geometry!.affine, [12, 5, 2])];
    expect(distance(before[0]!, after[0]!)).toBeLessThan(1e-9);
    expect(distance(before[1]!, after[1]!)).toBeLessThan(1e-9);
  });

  it('of a plane without geometry is none, and Resize takes the last axes', async () => {
    const plane = await runOnImage([['Resize', { size: [2, 8] }]], {
      kind: 'array',
      array: fillVolume([3, 4, 5], (x) => x),
    });
    expect(plane.array.shape).toEqual([3, 2, 8]);
    expect(plane.geometry).toBeUndefined();
  });

  it('has three spatial axes also in a slice: Resize to two lengths is refused instead of taking the wrong ones', async () => {
    const slice = placed(
      fillVolume([6, 5, 1], (x) => x),
      oblique,
    );
    const refused = await runOnImage([['Resize', { size: [12, 10] }]], slice).catch((error: unknown) => error);
    if (!(refused instanceof EisenError)) throw new Error('it was not refused');
    expect(refused.code).toBe('TRANSFORM_FAILED');
    expect(refused.message).toMatch(/'image': size has 2 length\(s\); expected 3,.*\[6, 5, 1\]/);
    expect(refused.details.hint).toContain('"axes": [0, 1]');
    const named = await runOnImage([['Resize', { size: [12, 10], axes: [0, 1] }]], slice);
    expect(named.array.shape).toEqual([12, 10, 1]);
    expect((await runOnImage([['Resize', { size: [12, 10, 1] }]], slice)).array.shape).toEqual([12, 10, 1]);
  });

  it('of CropForeground follows the box, that of another field when told', async () => {
    const mask = placed(
      fillVolume([6, 5, 4], (x, y, z) => Number(x === 4 && y > 1 && z === 2), 'uint8'),
      oblique,
    );
    const fields = await runSteps([['CropForeground', { fields: ['image', 'mask'], source: 'mask', margin: 1 }]], {
      image,
      mask,
    });
    const cropped = fields.get('image') as ArrayValue;
    expect(cropped.array.shape).toEqual([3, 4, 3]);
    expect(at(cropped.array, [0, 0, 0])).toBe(3 + 10 * 1 + 100 * 1);
    expect(distance(corner(cropped), applyAffine(oblique, [3, 1, 1]))).toBeLessThan(1e-9);
    expect((fields.get('mask') as ArrayValue).array.shape).toEqual([3, 4, 3]);
  });

  it('of CropCenteredSubVolumes follows the voxels that are left', async () => {
    const cropped = await runOnImage([['CropCenteredSubVolumes', { size: [2, 7, 4] }]], image);
    expect(at(cropped.array, [0, 0, 0])).toBe(2);
    expect(distance(corner(cropped), applyAffine(oblique, [2, 0, 0]))).toBeLessThan(1e-9);
  });

  it('of a stack is that of its parts when they share one grid, else none, with a word', async () => {
    const said: string[] = [];
    const stack = async (other: Value) => {
      const steps = [['StackImagesChannelwise', { fields: ['a', 'b'], dst_field: 'c' }]] as const;
      return (await runSteps(steps, { a: image, b: other }, { say: (line) => said.push(line) })).get('c') as ArrayValue;
    };
    expect((await stack(placed(volume, oblique))).geometry!.spatialAxes).toEqual([1, 2, 3]);
    expect(said).toEqual([]);
    expect((await stack(placed(volume, AFFINES['RAS']!))).geometry).toBeUndefined();
    expect(said[0]).toMatch(/a, b do not lie on one grid/);
  });

  it('is lost by taking a spatial axis away, and follows a transposition', async () => {
    expect((await runOnImage([['SelectChannel', { axis: 1, index: 0 }]], image)).geometry).toBeUndefined();
    const turned = await runOnImage([['Transpose', { axes: [2, 0, 1] }]], image);
    expect(turned.geometry!.spatialAxes).toEqual([1, 2, 0]);
    expect(turned.array.shape).toEqual([4, 6, 5]);
  });

  it('stays through Squeeze without an axis, also where a spatial axis has length 1', async () => {
    const flat = placed(
      fillVolume([6, 5, 1], (x) => x),
      oblique,
    );
    const squeezed = await runOnImage(
      [
        ['AddBatchDimension', {}],
        ['Squeeze', {}],
      ],
      flat,
    );
    expect(squeezed.array.shape).toEqual([6, 5, 1]);
    expect(squeezed.geometry!.spatialAxes).toEqual([0, 1, 2]);
  });

  it('is taken over by an output only when the lengths agree', () => {
    const input = { array: volume, geometry: image.geometry! };
    expect(inheritGeometry({ shape: [1, 4, 6, 5, 4] }, input)!.spatialAxes).toEqual([2, 3, 4]);
    expect(inheritGeometry({ shape: [1, 4, 6, 5, 5] }, input)).toBeUndefined();
    expect(inheritGeometry({ shape: [4] }, input)).toBeUndefined();
  });
});

describe('transforms that move voxels', () => {
  it.each([
    ['Orientation', {}],
    ['Spacing', { pixdim: 1 }],
    ['WriteNifti', {}],
  ])('%s needs to know where they lie', async (type, params) => {
    await expect(runOnImage([[type, params]], { kind: 'array', array: volume })).rejects.toMatchObject({
      code: 'GEOMETRY',
    });
  });

  it('PadToMultiple and CropOrPad refuse a size for another number of axes', async () => {
    await expect(runOnImage([['PadToMultiple', { k: [2, 2] }]], image)).rejects.toThrow(/3 spatial axes/);
    await expect(runOnImage([['CropOrPad', { size: [2] }]], image)).rejects.toThrow(/3 spatial axes/);
  });

  it('leave the array of the caller alone', async () => {
    const before = Array.from(volume.data as Float32Array);
    await runOnImage(
      [
        ['PadToMultiple', { k: 1 }],
        ['ZScore', {}],
        ['MapValues', { channelwise: true }],
        ['ClipIntensity', { lower: 0, upper: 0.5 }],
      ],
      image,
    );
    expect(Array.from(volume.data as Float32Array)).toEqual(before);
  });
});

describe('sampling where axes have length 1', () => {
  // Value 100 x + 10 y + z: linear, so that the mean of two voxels is the value half-way.
  const slab = (shape: readonly number[], order: 'C' | 'F'): ArrayValue => {
    const columns = fillVolume([shape[0]!, shape[1]!, shape[2]!], (x, y, z) => 100 * x + 10 * y + z);
    return placed(toContiguous(columns, order), AFFINES['RAS']!);
  };

  it.each([
    ['C', [4, 3, 1], [4, 1, 1], [10, 110, 210, 310]],
    ['F', [4, 3, 1], [4, 1, 1], [10, 110, 210, 310]],
    ['C', [4, 3, 3], [4, 1, 1], [11, 111, 211, 311]],
    ['F', [4, 3, 3], [4, 1, 1], [11, 111, 211, 311]],
    ['C', [3, 3, 4], [1, 1, 4], [110, 111, 112, 113]],
    ['F', [3, 3, 4], [1, 1, 4], [110, 111, 112, 113]],
    ['C', [1, 4, 3], [1, 4, 1], [1, 11, 21, 31]],
    ['F', [3, 4, 1], [1, 4, 1], [100, 110, 120, 130]],
  ] as const)('in %s order takes the right row from %j to %j', async (order, from, to, wanted) => {
    for (const mode of ['nearest', 'linear']) {
      const row = await runOnImage([['Resize', { size: [...to], mode }]], slab(from, order));
      expect([...row.array.data].map(Number)).toEqual(wanted);
    }
  });

  it('Spacing of a thin slab onto one row takes the voxels of that row', async () => {
    const row = await runOnImage([['Spacing', { pixdim: [1.5, 6, 3], mode: 'nearest' }]], slab([4, 2, 1], 'C'));
    expect([row.array.shape, [...row.array.data]]).toEqual([
      [4, 1, 1],
      [0, 100, 200, 300],
    ]);
  });
});
