import { describe, expect, it } from '@jest/globals';
import type { Vector } from '../../../../src/core/imaging/affine.js';
import {
  affineOfItkGrid,
  type ItkGrid,
  itkGridOf,
  itkGridOfAffine,
} from '../../../../src/core/imaging/itk/itk-grid.js';
import { toItkImage } from '../../../../src/core/imaging/itk/nifti-as-itk.js';
import { viewHeader } from '../../../../src/core/imaging/nifti/fields.js';
import { readNifti } from '../../../../src/core/imaging/nifti/read.js';
import { encodeNifti } from '../../../../src/core/imaging/nifti/write.js';
import { resampleItk } from '../../../../src/core/imaging/resample/itk.js';
import { wrapNdArray } from '../../../../src/core/tensor/ndarray.js';
import { countDifferences, readGolden } from '../../../support/golden.js';

const cases = readGolden('itk');
const numbers = ({ spacing, origin, direction }: ItkGrid): number[] =>
  [...spacing, ...origin, ...direction].map((value) => value + 0);
const isOblique = (name: string): boolean =>
  /oblique|sheared|single|only an sform, linear/.test(name) && !name.startsWith('a sheared');

describe('an image loaded as SimpleITK loads it', () => {
  it.each(cases)('$name', ({ arrays }) => {
    const image = toItkImage(readNifti({ bytes: arrays.file!.data as Uint8Array }));
    expect(countDifferences(image.array, arrays.loaded!)).toBe(0);
    expect(numbers(itkGridOf(image))).toEqual([...arrays.grid!.data].map((value) => Number(value) + 0));
  });
});

describe('of a qform and an sform', () => {
  // SimpleITK's directions for a permuted grid, whose quaternion is off by its rounding.
  const directionFor = (changes: readonly (readonly [place: number, value: number])[]): readonly number[] => {
    const array = wrapNdArray('uint8', [2, 2, 2], new Uint8Array(8));
    const affine = [2.5, 0, 0, 37, 0, 0, -2, 17, 0, 2, 0, -5, 0, 0, 0, 1];
    const original = { shape: [2, 2, 2], affine, source: 'array' } as const;
    const bytes = Buffer.concat(encodeNifti({ array, geometry: { affine, spatialAxes: [0, 1, 2], original } }));
    const header = viewHeader(bytes, 1, true);
    header.set('sform_code', 2);
    header.set('qform_code', 1);
    header.set('quatern', Math.fround(Math.SQRT1_2), 0);
    for (const [place, value] of changes) header.set('srow', value, place);
    return itkGridOf(toItkImage(readNifti({ bytes }))).direction.map((value) => value + 0);
  };
  const step = 3.422854177870248e-8;
  const qform = [-1, 0, 0, 0, -step, 1 - 4 * 2 ** -53, 0, 1 - 4 * 2 ** -53, step];

  it('that says the same, takes the sform, as ITK does, which has less rounding', () => {
    expect(directionFor([])).toEqual([-1, 0, 0, 0, 0, 1, 0, 1, 0]);
    expect(directionFor([[3, 37 + 5e-5]])).toEqual([-1, 0, 0, 0, 0, 1, 0, 1, 0]);
  });

  it('that is 0.2 µm away, takes the qform', () => {
    expect(directionFor([[3, 37 + 2e-4]])).toEqual(qform);
  });

  it('whose axis along x runs the other way, takes the sform, as ITK does, which does not see that', () => {
    expect(directionFor([[0, -2.5]])).toEqual([1, 0, 0, 0, 0, 1, 0, 1, 0]);
  });

  it('whose axis along z runs the other way, in the place of y, takes the qform, as ITK does', () => {
    expect(directionFor([[9, -2]])).toEqual(qform);
  });
});

describe('resampleItk', () => {
  it.each(cases.filter(({ name }) => !isOblique(name)))(
    'gives the bits of SimpleITK for $name',
    ({ arrays, facts }) => {
      const image = toItkImage(readNifti({ bytes: arrays.file!.data as Uint8Array }));
      const result = resampleItk(image, {
        resolution: facts.resolution as Vector,
        interpolation: String(facts.interpolation),
      });
      expect(countDifferences(result.array, arrays.output!)).toBe(0);
      expect(numbers(itkGridOf(result))).toEqual([...arrays.output_grid!.data].map((value) => Number(value) + 0));
    },
  );

  it.each(cases.filter(({ name }) => isOblique(name)))(
    'stays within one float32 step of SimpleITK for $name',
    ({ arrays, facts }) => {
      const image = toItkImage(readNifti({ bytes: arrays.file!.data as Uint8Array }));
      const result = resampleItk(image, {
        resolution: facts.resolution as Vector,
        interpolation: String(facts.interpolation),
      });
      expect(result.array.shape).toEqual(arrays.output!.shape);
      const scale = Math.max(...(arrays.loaded!.data as Float32Array).map(Math.abs));
      // Half-way between two voxels, and at the outer border, the last bit of ITK's inverse decides.
      const spacing = itkGridOf(image).spacing;
      const isTie = (index: number, axis: number): boolean => {
        const at = (index * (facts.resolution as number[])[axis]!) / spacing[axis]!;
        return Math.abs(at - Math.floor(at) - 0.5) < 1e-4;
      };
      const [nz, ny, nx] = result.array.shape as [number, number, number];
      const wrong = [...result.array.data].filter((value, n) => {
        const index = [n % nx, Math.floor(n / nx) % ny, Math.floor(n / (nx * ny))];
        const close = Math.abs(Number(value) - Number(arrays.output!.data[n])) <= scale * 2 ** -22;
        return !close && !index.some(isTie);
      });
      expect(nz).toBeGreaterThan(0);
      expect(wrong.length).toBe(0);
    },
  );
});

describe('an ITK grid', () => {
  const cosine = Math.cos(0.3);
  const sine = Math.sin(0.3);
  const affine = [2 * cosine, -3 * sine, 0, 5, 2 * sine, 3 * cosine, 0, 6, 0, 0, 4, 7, 0, 0, 0, 1];

  it('turns into an affine and back', () => {
    const grid = itkGridOfAffine(affine);
    expect(grid.origin).toEqual([-5, -6, 7]);
    affineOfItkGrid(grid).forEach((value, n) => {
      expect(value).toBeCloseTo(affine[n]!, 12);
    });
  });

  it('cannot hold a shear', () => {
    expect(() => itkGridOfAffine(affine.with(1, 1))).toThrow('the voxel axes are not perpendicular');
  });

  it('follows the affine of the file through a resampling', () => {
    const image = toItkImage(
      readNifti({ bytes: cases.find(({ name }) => name.startsWith('both forms'))!.arrays.file!.data as Uint8Array }),
    );
    const before = image.geometry!;
    const after = resampleItk(image, { resolution: [1, 2, 1], interpolation: 'linear' }).geometry!;
    const { spacing } = itkGridOf(image);
    expect(after.affine[0]! * spacing[0]!).toBeCloseTo(before.affine[0]!, 6);
    expect(after.affine[3]).toBe(before.affine[3]);
    expect(after.spatialAxes).toEqual([2, 1, 0]);
  });

  it('gives an empty volume where the resolution is larger than the volume', () => {
    const image = toItkImage(readNifti({ bytes: cases[0]!.arrays.file!.data as Uint8Array }));
    const { array } = resampleItk(image, { resolution: [100, 1, 1], interpolation: 'linear' });
    expect(array.shape[2]).toBe(0);
  });

  it('holds 0 where a NIfTI file holds NaN or infinity, as the library puts it that ITK reads by', () => {
    const data = Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, -2);
    const pieces = encodeNifti({ array: wrapNdArray('float32', [2, 2, 1], data, 'F') });
    const image = toItkImage(readNifti({ bytes: Buffer.concat(pieces) }));
    expect(Array.from(image.array.data as Float32Array)).toEqual([1, 0, 0, -2]);
  });

  it.each<[string, Vector, string]>([
    ['more voxels than an axis can have', [0.0001, 1, 1], 'expected at most 32767'],
    ['a resolution of zero', [0, 1, 1], 'resampling to 0 × 1 × 1 mm'],
  ])('refuses %s', (_name, resolution, message) => {
    const image = toItkImage(readNifti({ bytes: cases[0]!.arrays.file!.data as Uint8Array }));
    expect(() => resampleItk(image, { resolution, interpolation: 'linear' })).toThrow(message);
  });
});
