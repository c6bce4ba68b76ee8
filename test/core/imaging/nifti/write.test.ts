import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { viewHeader } from '../../../../src/core/imaging/nifti/fields.js';
import { readNifti } from '../../../../src/core/imaging/nifti/read.js';
import { encodeNifti } from '../../../../src/core/imaging/nifti/write.js';
import { DTYPES, type DType } from '../../../../src/core/tensor/dtype.js';
import { transpose } from '../../../../src/core/tensor/layout.js';
import { createNdArray, type NdArray, wrapNdArray } from '../../../../src/core/tensor/ndarray.js';
import type { Geometry } from '../../../../src/core/tensor/value.js';
import { countDifferences, readGolden } from '../../../support/golden.js';

const cases = readGolden('nifti');
const join = (pieces: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(pieces));

function counting(dtype: DType, shape: number[]): NdArray {
  const array = createNdArray(dtype, shape, 'F');
  const big = dtype === 'int64' || dtype === 'uint64';
  for (let n = 0; n < array.data.length; n += 1) array.data[n] = (big ? BigInt(n) : n % 100) as never;
  return array;
}

function geometryOf(affine: readonly number[], shape: readonly number[]): Geometry {
  return { affine, spatialAxes: [0, 1, 2], original: { shape, affine, source: 'array' } };
}

describe('encodeNifti', () => {
  it.each(cases)('on the grid of "$name" writes an affine that reads back bit-equal', ({ arrays }) => {
    const image = readNifti({ bytes: arrays.file!.data as Uint8Array });
    const labels = counting('uint8', [...image.array.shape]);
    const again = readNifti({ bytes: join(encodeNifti({ array: labels, geometry: image.geometry, labels: true })) });
    expect([...again.geometry!.affine]).toEqual([...image.geometry!.affine]);
    expect(again.array.dtype).toBe('uint8');
    expect(countDifferences(again.array, labels)).toBe(0);
    for (const fact of ['affineSource', 'qformCode', 'sformCode', 'description', 'format'] as const) {
      expect(again.extra![fact]).toEqual(image.extra![fact]);
    }
  });

  it.each(cases.filter(({ name }) => name.startsWith('sform')))(
    'writes a moved grid into both forms: $name',
    ({ name, arrays }) => {
      const image = readNifti({ bytes: arrays.file!.data as Uint8Array });
      const affine = image.geometry!.affine.map((value, n) => Math.fround(n % 4 === 3 && n < 12 ? value + 7 : value));
      const again = readNifti({ bytes: join(encodeNifti({ ...image, geometry: { ...image.geometry!, affine } })) });
      expect([...again.geometry!.affine]).toEqual(affine);
      expect(again.extra).toMatchObject({ sformCode: 2, qformCode: 2, affineSource: 'sform' });
      const bytes = join(encodeNifti({ ...image, geometry: { ...image.geometry!, affine } }));
      viewHeader(bytes, 1, true).set('sform_code', 0);
      const qform = readNifti({ bytes }).geometry!.affine;
      const worst = Math.max(...affine.map((value, n) => Math.abs(value - qform[n]!)));
      // A qform cannot hold a shear.
      if (name === 'sform sheared') expect(worst).toBeGreaterThan(0.1);
      else expect(worst).toBeLessThan(1e-4);
    },
  );

  it.each(Object.keys(DTYPES).filter((dtype) => dtype !== 'float16' && dtype !== 'bool') as DType[])(
    'keeps %s voxels',
    (dtype) => {
      const array = counting(dtype, [3, 2, 4]);
      const again = readNifti({ bytes: join(encodeNifti({ array })) });
      expect(countDifferences(again.array, array)).toBe(0);
      expect(again.extra).toMatchObject({ sformCode: 0, qformCode: 0 });
    },
  );

  it('stores bool as uint8 and half floats as float32', () => {
    const flags = wrapNdArray('bool', [2, 1, 1], Uint8Array.of(0, 1));
    expect(readNifti({ bytes: join(encodeNifti({ array: flags })) }).array.dtype).toBe('uint8');
    const halves = wrapNdArray('float16', [2, 1, 1], Uint16Array.of(0x3c00, 0xc000));
    expect([...readNifti({ bytes: join(encodeNifti({ array: halves })) }).array.data]).toEqual([1, -2]);
  });

  it('puts the spatial axes first and the channels after them', () => {
    const array = transpose(counting('float32', [3, 4, 5, 2]), [3, 2, 1, 0]);
    const geometry: Geometry = {
      ...geometryOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], [3, 4, 5]),
      spatialAxes: [3, 2, 1],
    };
    const again = readNifti({ bytes: join(encodeNifti({ array, geometry })) });
    expect(countDifferences(again.array, counting('float32', [3, 4, 5, 2]))).toBe(0);
  });

  it('marks a label map and clears what only the input meant', () => {
    const golden = cases.find(({ name }) => name === 'int16 with slope and intercept')!;
    const image = readNifti({ bytes: golden.arrays.file!.data as Uint8Array });
    const header = viewHeader(
      join(encodeNifti({ array: counting('uint8', [3, 4, 5]), geometry: image.geometry, labels: true })),
      1,
      true,
    );
    expect([header.get('scl_slope'), header.get('scl_inter'), header.get('intent_code')]).toEqual([1, 0, 1002]);
    const kept = viewHeader(join(encodeNifti(image)), 1, true);
    expect([kept.get('scl_slope'), kept.get('scl_inter')]).toEqual([Math.fround(0.1), -1024]);
  });

  it('gives equal gzip bytes for equal volumes, without a time in them', () => {
    const array = counting('int16', [8, 8, 8]);
    const [one] = encodeNifti({ array, compress: true });
    expect(encodeNifti({ array, compress: true })[0]).toEqual(one);
    expect([...one!.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
    expect(gunzipSync(one!).length).toBe(352 + 1024);
  });

  it('carries extensions over when they are given', () => {
    const golden = cases.find(({ name }) => name === 'an extension')!;
    const image = readNifti({ bytes: golden.arrays.file!.data as Uint8Array });
    const extensions = image.extra!.extensions as Uint8Array;
    const again = readNifti({ bytes: join(encodeNifti({ ...image, extensions })) });
    expect(again.extra!.extensions).toEqual(extensions);
    expect(countDifferences(again.array, image.array)).toBe(0);
  });

  it('does not copy voxels that lie x fastest already', () => {
    const array = counting('float32', [4, 4, 4]);
    expect(encodeNifti({ array })[1]!.buffer).toBe(array.data.buffer);
  });

  it('changes to NIfTI-2 for an axis past 32767', () => {
    const array = counting('uint8', [40000, 1, 1]);
    expect(readNifti({ bytes: join(encodeNifti({ array })) })).toMatchObject({ extra: { format: 'nifti-2' } });
  });

  it('writes a scanner code for a DICOM source and the qform of a left-handed grid', () => {
    const affine = [-2, 0, 0, 30, 0, 3, 0, -20, 0, 0, 4, 10, 0, 0, 0, 1];
    const geometry = geometryOf(affine, [3, 4, 5]);
    const bytes = join(
      encodeNifti({
        array: counting('int16', [3, 4, 5]),
        geometry: { ...geometry, original: { ...geometry.original, source: 'dicom' } },
      }),
    );
    expect(readNifti({ bytes }).extra).toMatchObject({ sformCode: 1, qformCode: 1, zooms: [2, 3, 4] });
    viewHeader(bytes, 1, true).set('sform_code', 0);
    expect(readNifti({ bytes }).geometry!.affine).toEqual(affine);
  });

  it.each<[string, NdArray, string]>([
    ['a number without axes', wrapNdArray('uint8', [], new Uint8Array(1)), 'NIfTI holds 1 to 7'],
    ['eight axes', createNdArray('uint8', [1, 1, 1, 1, 1, 1, 1, 2]), 'has 8 axes'],
  ])('refuses %s', (_name, array, message) => {
    expect(() => encodeNifti({ array })).toThrow(message);
  });
});
