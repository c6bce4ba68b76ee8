import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { viewHeader } from '../../../../src/core/imaging/nifti/fields.js';
import { readNifti } from '../../../../src/core/imaging/nifti/read.js';
import { axisCodes } from '../../../../src/core/imaging/orientation.js';
import { toClosestCanonical } from '../../../../src/core/imaging/reorient.js';
import { readScaledValues } from '../../../../src/core/imaging/scaled.js';
import type { ImageValue } from '../../../../src/core/tensor/value.js';
import { countDifferences, type GoldenCase, readGolden } from '../../../support/golden.js';

const cases = readGolden('nifti');

function fileOf({ arrays }: GoldenCase): Uint8Array {
  return arrays.file!.data as Uint8Array;
}

function checkAgainst(image: ImageValue, { arrays, facts }: GoldenCase): void {
  expect(countDifferences(readScaledValues(image), arrays.values!)).toBe(0);
  expect([...image.geometry!.affine]).toEqual([...arrays.affine!.data]);
  expect(image.extra!.zooms).toEqual(facts.zooms);
}

describe('readNifti gives the bits of nibabel', () => {
  it.each(cases)('for $name', (golden) => {
    checkAgainst(readNifti({ bytes: fileOf(golden), name: 'volume.nii' }), golden);
  });

  it.each(cases)('gzipped, for $name', (golden) => {
    checkAgainst(readNifti({ bytes: gzipSync(fileOf(golden)), name: 'volume.nii.gz' }), golden);
  });

  it.each(cases.filter(({ facts }) => facts.codes !== undefined))('for the orientation of $name', (golden) => {
    const image = readNifti({ bytes: fileOf(golden) });
    const { affine, spatialAxes } = image.geometry!;
    expect(axisCodes(affine)).toBe(golden.facts.codes);
    const turned = toClosestCanonical({ array: readScaledValues(image), affine, spatialAxes });
    expect(countDifferences(turned.array, golden.arrays.canonical!)).toBe(0);
    expect([...turned.affine]).toEqual([...golden.arrays.canonical_affine!.data]);
  });
});

describe('readNifti, as nibabel does,', () => {
  const changed = (change: (header: ReturnType<typeof viewHeader>) => void): ImageValue => {
    const bytes = fileOf(cases.find(({ name }) => name === 'nifti-1 < int16')!).slice();
    change(viewHeader(bytes, 1, true));
    return readNifti({ bytes });
  };

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0])(
    'takes a slope of %d for no scaling, whatever the intercept',
    (slope) => {
      const image = changed((header) => {
        header.set('scl_slope', slope);
        header.set('scl_inter', Number.NaN);
      });
      expect(image.scaling).toBeUndefined();
    },
  );

  it.each([0, -1, 6, 7, 300])('passes over an sform or qform whose code, %d, names no space', (code) => {
    const image = changed((header) => {
      header.set('sform_code', code);
      header.set('qform_code', code);
    });
    expect(image.extra!.affineSource).toBe('pixdim');
  });

  it.each([1, 2, 3, 4, 5])('takes the sform whose code is %d', (code) => {
    expect(changed((header) => header.set('sform_code', code)).extra!.affineSource).toBe('sform');
  });
});

describe('a half turn in a quaternion whose three parts are rounded', () => {
  const affineOf = (version: 1 | 2): number[] => {
    const bytes = fileOf(cases.find(({ name }) => name === `nifti-${version} < int16`)!).slice();
    const header = viewHeader(bytes, version, true);
    header.set('sform_code', 0);
    header.set('qform_code', 1);
    for (const [n, part] of [0, Math.SQRT1_2, Math.SQRT1_2].entries()) header.set('quatern', Math.fround(part), n);
    return [...readNifti({ bytes }).geometry!.affine];
  };

  it('is a half turn in NIfTI-1, which rounds to single precision', () => {
    expect(affineOf(1).slice(0, 3)).toEqual([-2, 0, 0]);
  });

  it('is a little less than one in NIfTI-2, which could hold the parts exactly', () => {
    // nibabel's numbers.
    expect(affineOf(2).slice(0, 3)).toEqual([-1.9999998630858329, -0.0003924645623900232, 0.00032705380199168595]);
  });
});

describe('readNifti, as nibabel does, goes on past what places no voxel:', () => {
  const original = (version: 1 | 2): Uint8Array =>
    fileOf(cases.find(({ name }) => name === `nifti-${version} < int16`)!).slice();

  it.each([0, 4, 7])('pixdim[%d] that is no number', (n) => {
    const bytes = original(1);
    viewHeader(bytes, 1, true).set('dim', 4, 0);
    viewHeader(bytes, 1, true).set('pixdim', Number.POSITIVE_INFINITY, n);
    const { zooms, repairs } = readNifti({ bytes }).extra! as { zooms: number[]; repairs: string[] };
    expect(zooms).toEqual([2, 1.5, 1.25, n === 4 ? Number.POSITIVE_INFINITY : 1]);
    expect(repairs).toEqual(
      n === 0 ? ['pixdim[0] is Infinity; 1 was taken'] : n === 4 ? ['pixdim[4] is Infinity'] : [],
    );
  });

  it('line end bytes of 0 in the magic of NIfTI-2', () => {
    const bytes = original(2);
    bytes.fill(0, 8, 12);
    expect(readNifti({ bytes }).extra!.repairs).toEqual(['the four line end bytes of magic are 0']);
  });

  it('an extension whose size is no multiple of 16', () => {
    const golden = cases.find(({ name }) => name === 'an extension')!;
    const bytes = fileOf(golden).slice();
    new DataView(bytes.buffer).setInt32(352, 29, true);
    const image = readNifti({ bytes });
    checkAgainst(image, golden);
    expect(image.extra!.extensions).toEqual(bytes.slice(352, 381));
  });
});

describe('readNifti', () => {
  const plain = cases.find(({ name }) => name === 'nifti-1 < int16')!;

  it('looks at the voxels in place when they are aligned and native', () => {
    const bytes = fileOf(plain);
    expect(readNifti({ bytes }).array.data.buffer).toBe(bytes.buffer);
  });

  it('leaves the bytes of a caller alone, whatever their order or alignment', () => {
    const big = fileOf(cases.find(({ name }) => name === 'nifti-1 > int16')!);
    const before = big.slice();
    expect(countDifferences(readNifti({ bytes: big }).array, readNifti({ bytes: big }).array)).toBe(0);
    expect(big).toEqual(before);
    const odd = new Uint8Array(big.length + 1).subarray(1);
    odd.set(fileOf(plain));
    checkAgainst(readNifti({ bytes: odd }), plain);
  });

  it('reads a pair of .hdr and .img, also compressed, and the pair magic inside one file', () => {
    const bytes = fileOf(plain).slice();
    bytes.set(Buffer.from('ni1\0'), 344);
    new DataView(bytes.buffer).setFloat32(108, 0, true);
    const [header, voxels] = [bytes.slice(0, 348), bytes.slice(352)];
    checkAgainst(readNifti({ bytes: header, imageBytes: voxels }), plain);
    checkAgainst(readNifti({ bytes: gzipSync(header), imageBytes: gzipSync(voxels) }), plain);
    checkAgainst(readNifti({ bytes }), plain);
    const single = header.slice();
    single.set(Buffer.from('n+1\0'), 344);
    checkAgainst(readNifti({ bytes: single, imageBytes: voxels }), plain);
    expect(() => readNifti({ bytes: header, name: 'a.hdr' })).toThrow('expected the .img file beside it');
  });

  it('keeps the header bytes as found and names the repairs', () => {
    const bytes = fileOf(plain);
    expect(readNifti({ bytes }).geometry!.original.headerBytes).toEqual(bytes.slice(0, 348));
    const repaired = cases.find(({ name }) => name === 'negative voxel size')!;
    expect(readNifti({ bytes: fileOf(repaired) }).extra!.repairs).toEqual(['pixdim[2] is -3; its size was taken']);
  });

  it('reads the description and the raw extensions', () => {
    const image = readNifti({ bytes: fileOf(cases.find(({ name }) => name === 'an extension')!) });
    expect(image.extra!.description).toBe('made for a test');
    expect(Buffer.from(image.extra!.extensions as Uint8Array).toString('latin1')).toContain('a comment');
  });
});
