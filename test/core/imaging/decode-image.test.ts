import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { decodeImage, decodeImageFiles } from '../../../src/core/imaging/decode-image.js';
import { type ItkGrid, itkGridOf } from '../../../src/core/imaging/itk/itk-grid.js';
import { wrapNdArray } from '../../../src/core/tensor/ndarray.js';
import { encodeNpy } from '../../../src/core/tensor/npy.js';
import { countDifferences, type GoldenCase, readGolden } from '../../support/golden.js';
import { makeZip } from '../../support/zip-writer.js';

const fileOf = ({ arrays }: GoldenCase): Uint8Array => arrays.file!.data as Uint8Array;

describe('a picture decodes to the array of PIL', () => {
  it.each(readGolden('pictures'))('$name', async (golden) => {
    const image = await decodeImage(fileOf(golden), { name: 'picture' });
    expect(image.form).toBe('pil');
    expect(countDifferences(image.array, golden.arrays.array!)).toBe(0);
  });
});

describe('a volume decodes to the array and grid of SimpleITK', () => {
  it.each(readGolden('volumes'))('$name', async (golden) => {
    const image = await decodeImage(fileOf(golden), { name: 'volume' });
    expect(image.form).toBe('itk');
    expect(countDifferences(image.array, golden.arrays.array!)).toBe(0);
    if (!image.geometry) return expect(golden.name).toMatch(/plane$/);
    const { spacing, origin, direction }: ItkGrid = itkGridOf(image);
    [...spacing, ...origin, ...direction].forEach((value, n) => {
      expect(value).toBeCloseTo(Number(golden.arrays.grid!.data[n]), 12);
    });
  });
});

const series = readGolden('dicom').find(({ name }) => name === 'a plain oblique series')!;
const planes = Array.from({ length: 4 }, (_, n) => ({
  name: `dir/${n}`,
  bytes: series.arrays[`file${n}`]!.data as Uint8Array,
}));
const array = wrapNdArray('int16', [2, 3], Int16Array.of(1, 2, 3, 4, 5, 6));
const npy = new Uint8Array(Buffer.concat(encodeNpy(array)));

describe('decodeImage', () => {
  it('reads the gzipped NIfTI of the fixtures', async () => {
    const root = path.resolve(import.meta.dirname, '..', '..', '..', '..');
    const image = await decodeImage(readFileSync(path.join(root, 'fixtures/volumes/ch2bet.nii.gz')), {
      name: 'ch2bet',
    });
    expect(image.array.shape).toEqual([181, 217, 181]);
  });

  it('reads a DICOM series from a zip and from several files', async () => {
    for (const image of [
      await decodeImage(makeZip([...planes, { name: 'notes.txt', bytes: new Uint8Array(200) }]), {
        name: 'series.zip',
      }),
      await decodeImageFiles(planes, { name: 'series' }),
    ]) {
      expect(countDifferences(image.array, series.arrays.volume!)).toBe(0);
    }
  });

  it('reads an NPY file and an NPZ file of one array', async () => {
    expect((await decodeImage(npy, { name: 'a.npy' })).array.shape).toEqual([2, 3]);
    const zip = makeZip([{ name: 'a.npy', bytes: npy }]);
    expect(countDifferences((await decodeImage(zip, { name: 'a.npz' })).array, array)).toBe(0);
  });

  it('reads the two files of a MetaImage and of a NIfTI pair', async () => {
    const golden = readGolden('volumes').find(({ name }) => name === 'mha, int16')!;
    const text = Buffer.from(fileOf(golden)).toString('latin1');
    const cut = text.indexOf('LOCAL\n');
    const header = { name: 'v.mhd', bytes: new Uint8Array(Buffer.from(`${text.slice(0, cut)}v.raw\n`, 'latin1')) };
    const voxels = { name: 'v.raw', bytes: fileOf(golden).slice(cut + 6) };
    const image = await decodeImageFiles([voxels, header], { name: 'v' });
    expect(countDifferences(image.array, golden.arrays.array!)).toBe(0);
    await expect(decodeImage(header.bytes, { name: 'v.mhd' })).rejects.toThrow("the voxels are in 'v.raw'");
    const pair = readGolden('nifti').find(({ name }) => name === 'nifti-1 < int16')!;
    const nifti = fileOf(pair).slice();
    nifti.set(Buffer.from('ni1\0'), 344);
    new DataView(nifti.buffer).setFloat32(108, 0, true);
    const both = [
      { name: 'a.img', bytes: nifti.slice(352) },
      { name: 'a.hdr', bytes: nifti.slice(0, 348) },
    ];
    expect(countDifferences((await decodeImageFiles(both, { name: 'a' })).array, pair.arrays.values!)).toBe(0);
  });

  const edit = (name: string, from: string, to: string): Uint8Array =>
    new Uint8Array(
      Buffer.from(
        Buffer.from(fileOf(readGolden('volumes').find((one) => one.name === name)!))
          .toString('latin1')
          .replace(from, to),
        'latin1',
      ),
    );
  const png = fileOf(readGolden('pictures')[0]!);
  const jpeg = fileOf(readGolden('pictures').find(({ name }) => name === 'JPEG, L')!);
  const poke = (bytes: Uint8Array, at: number, value: number): Uint8Array => bytes.slice().fill(value, at, at + 1);

  it.each<[string, () => Uint8Array, string]>([
    [
      'bytes of no known format',
      () => Buffer.from('hello, this is text'),
      'the first bytes are those of no image format',
    ],
    ['an empty file', () => new Uint8Array(0), 'the first bytes are those of no image format'],
    ['a zip without pictures', () => makeZip([{ name: 'a.txt', bytes: new Uint8Array(3) }]), 'of no image format'],
    [
      'an NPZ of two arrays',
      () =>
        makeZip([
          { name: 'a.npy', bytes: npy },
          { name: 'b.npy', bytes: npy },
        ]),
      'it holds 2 arrays',
    ],
    ['a zip cut off', () => makeZip(planes).subarray(0, 200), 'its end record is missing'],
    ['a PNG cut off', () => png.subarray(0, 60), 'reaches past the end of the file'],
    ['a PNG of no picture', () => png.subarray(0, 33), 'the PNG has no picture in it'],
    ['a PNG with an unknown colour type', () => poke(png, 25, 5), 'a PNG of colour type 5 with 8 bits is not defined'],
    ['a PNG that claims a huge picture', () => poke(png, 17, 1), 'there are too few bytes'],
    ['a PNG with damaged pixels', () => poke(png, 60, png[60]! ^ 0xff), 'damaged'],
    ['a JPEG cut off', () => jpeg.subarray(0, 100), 'the picture cannot be decoded'],
    [
      'a TIFF without its directory',
      () => Buffer.from('II*\0\xff\xff\xff\0', 'latin1'),
      'the TIFF directory lies outside the file',
    ],
    ['an MHA of an unknown type', () => edit('mha, int16', 'MET_SHORT', 'MET_OTHER'), "ElementType is 'MET_OTHER'"],
    [
      'an MHA with a wrong size',
      () => edit('mha, int16', 'DimSize = 6 5 4', 'DimSize = 6 5 x'),
      "DimSize is '6 5 x'; expected 3 finite numbers",
    ],
    [
      'an MHA cut off',
      () => edit('mha, int16', 'DimSize = 6 5 4', 'DimSize = 6 5 9'),
      'there are 240 bytes of voxels; expected 540',
    ],
    [
      'a compressed MHA that is too short',
      () => edit('mha, int16, compressed', 'DimSize = 6 5 4', 'DimSize = 6 5 9'),
      'only 240 bytes',
    ],
    ['an MHA of five axes', () => edit('mha, int16', 'NDims = 3', 'NDims = 5'), "NDims is '5'"],
    [
      'an MHA line without a key',
      () => edit('mha, int16', 'NDims = 3', 'NDims = 3\nnothing'),
      "expected 'key = value'",
    ],
    [
      'an NRRD of a strange encoding',
      () => edit('nrrd, int16', 'encoding: raw', 'encoding: hex'),
      "the encoding is 'hex'",
    ],
    [
      'an NRRD in a strange space',
      () => edit('nrrd, int16', 'left-posterior-superior', 'scanner-xyz'),
      "the space is 'scanner-xyz'",
    ],
    [
      'an NRRD with its data elsewhere',
      () => edit('nrrd, int16', 'encoding: raw', 'encoding: raw\ndata file: x.raw'),
      "the voxels are in 'x.raw', which was not given",
    ],
    ['an NRRD of blocks', () => edit('nrrd, int16', 'type: short', 'type: block'), "the type is 'block'"],
    ['a header without an end', () => Buffer.from('NRRD0004\ntype: short'), 'the header has no end'],
  ])('refuses %s', async (_name, bytes, message) => {
    await expect(decodeImage(new Uint8Array(bytes()), { name: 'f' })).rejects.toThrow(message);
  });
});
