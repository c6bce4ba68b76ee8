import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { decodeImageFiles } from '../../../../src/core/imaging/decode-image.js';
import { itkGridOf } from '../../../../src/core/imaging/itk/itk-grid.js';
import { toContiguous } from '../../../../src/core/tensor/contiguous.js';
import type { ImageValue } from '../../../../src/core/tensor/value.js';

// Every expectation of this file was seen on SimpleITK 2.5.7 first.
const VOXELS = Int16Array.from({ length: 24 }, (_, n) => n * 7 - 60);
const raw = Buffer.from(VOXELS.buffer);
const bytes = (...parts: (string | Uint8Array)[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part as string))));
const mha = (lines: string, data: Uint8Array = raw): Uint8Array =>
  bytes(
    `ObjectType = Image\nNDims = 3\nDimSize = 4 3 2\nElementType = MET_SHORT\n${lines}ElementDataFile = LOCAL\n`,
    data,
  );
const nrrd = (lines: string, data: Uint8Array = raw, { sizes = '4 3 2', encoding = 'raw' } = {}): Uint8Array =>
  bytes(
    `NRRD0004\ntype: short\ndimension: ${sizes.split(' ').length}\nsizes: ${sizes}\nendian: little\nencoding: ${encoding}\n${lines}\n`,
    data,
  );
const decode = (file: Uint8Array, data?: Uint8Array): Promise<ImageValue> =>
  decodeImageFiles([{ name: 'v', bytes: file }, ...(data ? [{ name: 'v.raw', bytes: data }] : [])], { name: 'v' });
const valuesOf = ({ array }: ImageValue): number[] => Array.from(toContiguous(array).data, Number);

describe('a MetaImage header', () => {
  it.each<[string, Uint8Array, number[], number[]]>([
    ['names its spacing', mha('ElementSpacing = 1 2 3\n'), [1, 2, 3], [0, 0, 0]],
    ['has a size of elements only', mha('ElementSize = 1 2 3\n'), [1, 2, 3], [0, 0, 0]],
    ['has both, the spacing wins', mha('ElementSize = 9 9 9\nElementSpacing = 1 2 3\n'), [1, 2, 3], [0, 0, 0]],
    ['calls its origin Position', mha('Position = 1 2 3\n'), [1, 1, 1], [1, 2, 3]],
    ['calls its origin Origin', mha('Origin = 1 2 3\n'), [1, 1, 1], [1, 2, 3]],
    ['has other fields', mha('Comment = a = b\nID = 0\nCenterOfRotation = 9 9 9\n'), [1, 1, 1], [0, 0, 0]],
    ['ends its lines with CRLF', mha('ElementSpacing = 1 2 3\r\n'), [1, 2, 3], [0, 0, 0]],
  ])('that %s', async (_name, file, spacing, origin) => {
    const image = await decode(file);
    expect(valuesOf(image)).toEqual([...VOXELS]);
    expect(itkGridOf(image)).toMatchObject({ spacing, origin });
  });

  it('with a negative spacing turns the axis', async () => {
    const grid = itkGridOf(await decode(mha('ElementSpacing = -1 2 3\n')));
    expect(grid).toMatchObject({ spacing: [1, 2, 3], direction: [-1, 0, 0, 0, 1, 0, 0, 0, 1] });
  });

  it('with compressed, big-endian or separate voxels, their header left out', async () => {
    const swapped = Buffer.from(raw).swap16();
    const head = mha('HeaderSize = 3\n', new Uint8Array(0)).subarray(0, -6);
    const last = mha('HeaderSize = -1\n', new Uint8Array(0)).subarray(0, -6);
    for (const image of [
      await decode(mha('CompressedData = True\n', deflateSync(raw))),
      await decode(mha('BinaryDataByteOrderMSB = True\n', swapped)),
      await decode(mha('ElementByteOrderMSB = True\n', swapped)),
      await decode(bytes(head, 'v.raw\n'), bytes('abc', raw)),
      await decode(bytes(last, 'v.raw\n'), bytes('anything', raw)),
    ]) {
      expect(valuesOf(image)).toEqual([...VOXELS]);
    }
  });

  it.each<[string, Uint8Array, string]>([
    ['text instead of numbers', mha('BinaryData = False\n'), 'the voxels are written as text'],
    ['a header inside its own data', mha('HeaderSize = 4\n'), "HeaderSize is '4'"],
    ['no spacing', mha('ElementSpacing = 0 1 1\n'), 'the spacing is 0 × 1 × 1 mm'],
    ['a list of files', bytes(mha('', new Uint8Array(0)).subarray(0, -6), 'LIST\na.raw\n'), "the voxels are in 'LIST'"],
  ])('with %s is refused by name', async (_name, file, message) => {
    const reading = decode(file, Buffer.from(file).includes('LIST') ? raw : undefined);
    await expect(reading).rejects.toMatchObject({ code: 'IMAGE_FORMAT', message: expect.stringContaining(message) });
  });
});

describe('an NRRD header', () => {
  const directions = 'space directions: (1,0,0) (0,2,0) (0,0,3)\nspace origin: (1,2,3)\n';

  it.each<[string, string, number[], number[], number[]]>([
    ['LPS', `space: LPS\n${directions}`, [1, 2, 3], [1, 2, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]],
    ['RAS', `space: right-anterior-superior\n${directions}`, [1, 2, 3], [-1, -2, 3], [-1, 0, 0, 0, -1, 0, 0, 0, 1]],
    ['LAS', `space: LAS\n${directions}`, [1, 2, 3], [1, -2, 3], [1, 0, 0, 0, -1, 0, 0, 0, 1]],
    ['three axes of no name', `space dimension: 3\n${directions}`, [1, 2, 3], [1, 2, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]],
    ['spacings only', 'spacings: 1 2 3\n', [1, 2, 3], [0, 0, 0], [1, 0, 0, 0, 1, 0, 0, 0, 1]],
  ])('in %s', async (_name, lines, spacing, origin, direction) => {
    const image = await decode(nrrd(lines));
    expect(valuesOf(image)).toEqual([...VOXELS]);
    expect(itkGridOf(image)).toMatchObject({ spacing, origin, direction });
  });

  it('with bytes or lines to skip, gzip, notes, or its voxels in another file', async () => {
    for (const image of [
      await decode(nrrd('byte skip: 4\n', bytes('abcd', raw))),
      await decode(nrrd('byte skip: -1\n', bytes('abcdef', raw))),
      await decode(nrrd('line skip: 2\n', bytes('a\nbc\n', raw))),
      await decode(nrrd('', gzipSync(raw), { encoding: 'gzip' })),
      await decode(nrrd('# note\nkey:=value\ncontent: x\nkinds: domain domain domain\n')),
      await decode(nrrd('data file: v.raw\n', new Uint8Array(0)), raw),
      await decode(nrrd('data file: v.raw\n', new Uint8Array(0)).subarray(0, -1), raw),
    ]) {
      expect(valuesOf(image)).toEqual([...VOXELS]);
    }
  });

  const space = 'space: LPS\n';
  it.each([
    [
      'first',
      '2 3 2 2',
      `${space}kinds: vector domain domain domain\nspace directions: none (1,0,0) (0,1,0) (0,0,1)\n`,
    ],
    ['last', '3 2 2 2', `${space}kinds: space space space vector\nspace directions: (1,0,0) (0,1,0) (0,0,1) none\n`],
    ['first, without a kind', '2 3 2 2', `${space}space directions: none (1,0,0) (0,1,0) (0,0,1)\n`],
  ])('with its channels %s keeps them last and the grid of the rest', async (place, sizes, lines) => {
    const image = await decode(nrrd(lines, raw, { sizes }));
    expect(image.array.shape).toEqual([2, 2, 3, 2]);
    expect(image.geometry!.original.shape).toEqual([3, 2, 2]);
    const step = place === 'last' ? 12 : 1;
    expect(valuesOf(image).slice(0, 2)).toEqual([VOXELS[0], VOXELS[step]]);
  });

  it.each<[string, string, string]>([
    ['axis mins', 'spacings: 1 2 3\naxis mins: 5 6 7\n', 'the origin is told by axis mins'],
    ['a space of no body', `space: scanner-xyz\n${directions}`, "the space is 'scanner-xyz'"],
    ['a negative skip', 'byte skip: -3\n', "'byte skip' -3"],
    ['more lines to skip than there are', 'line skip: 9\n', 'fewer than 9 lines'],
    ['a list of files', 'data file: LIST\n', "the voxels are in 'LIST'"],
  ])('with %s is refused by name', async (_name, lines, message) => {
    const reading = decode(nrrd(lines, new Uint8Array(48).fill(1)));
    await expect(reading).rejects.toMatchObject({ code: 'IMAGE_FORMAT', message: expect.stringContaining(message) });
  });
});
