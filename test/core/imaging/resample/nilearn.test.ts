import { describe, expect, it } from '@jest/globals';
import type { Vector } from '../../../../src/core/imaging/affine.js';
import { readNifti } from '../../../../src/core/imaging/nifti/read.js';
import { type Interpolation, resampleLikeNilearn } from '../../../../src/core/imaging/resample/nilearn.js';
import { resampleNifti } from '../../../../src/core/imaging/resample/resample-nifti.js';
import { createNdArray } from '../../../../src/core/tensor/ndarray.js';
import { countDifferences, readGolden } from '../../../support/golden.js';

const EYE = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

describe('resampleLikeNilearn gives the bits of nilearn and scipy', () => {
  it.each(readGolden('resample'))('for $name', ({ arrays, facts }) => {
    const result = resampleLikeNilearn({
      array: arrays.input!,
      affine: [...(arrays.affine!.data as Float64Array)],
      resolution: facts.resolution as Vector,
      interpolation: facts.interpolation as Interpolation,
    });
    expect([...result.affine]).toEqual([...arrays.output_affine!.data]);
    expect(countDifferences(result.array, arrays.output!)).toBe(0);
  });
});

describe('resampleNifti', () => {
  it('works on scaled values and keeps the way back', () => {
    const golden = readGolden('nifti').find(({ name }) => name === 'int16 with slope and intercept')!;
    const image = readNifti({ bytes: golden.arrays.file!.data as Uint8Array });
    const result = resampleNifti(image, { resolution: [1, 1, 1], interpolation: 'linear' });
    expect(result.array.dtype).toBe('float64');
    expect(result.scaling).toBeUndefined();
    expect(result.geometry!.original).toBe(image.geometry!.original);
    expect(result.extra!.zooms).toEqual([1, 1, 1]);
  });

  it('refuses an image without geometry', () => {
    const image = { kind: 'image' as const, form: 'nifti' as const, array: createNdArray('int16', [2, 2, 2]) };
    expect(() => resampleNifti(image, { resolution: [1, 1, 1], interpolation: 'linear' })).toThrow('has no affine');
  });
});

describe('resampleLikeNilearn refuses', () => {
  const array = createNdArray('int16', [4, 4, 4], 'F');
  const request = { array, affine: EYE, resolution: [1, 1, 1] as Vector, interpolation: 'linear' as const };

  it.each<[string, () => unknown, string]>([
    [
      'a plane',
      () => resampleLikeNilearn({ ...request, array: createNdArray('int16', [4, 4]) }),
      'needs three spatial axes; found [4, 4]',
    ],
    [
      'a resolution of zero',
      () => resampleLikeNilearn({ ...request, resolution: [1, 0, 1] }),
      'the resolution is [1, 0, 1] mm',
    ],
    [
      'a grid past all sense',
      () => resampleLikeNilearn({ ...request, resolution: [1e-6, 1, 1] }),
      'would need [3000001, 4, 4] voxels',
    ],
    [
      'an affine that is flat',
      () => resampleLikeNilearn({ ...request, affine: EYE.with(0, 0), resolution: [2, 2, 2] }),
      'cannot be inverted',
    ],
    [
      'half floats',
      () => resampleLikeNilearn({ ...request, array: createNdArray('float16', [4, 4, 4]) }),
      'cast them to float32',
    ],
  ])('%s', (_name, act, message) => {
    expect(act).toThrow(message);
  });
});
