import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readNifti } from '../../../../src/core/imaging/nifti/read.js';
import { toContiguous } from '../../../../src/core/tensor/contiguous.js';
import { decodeNpy, encodeNpy } from '../../../../src/core/tensor/npy.js';
import type { FileValue, ImageValue } from '../../../../src/core/tensor/value.js';
import { plainValue } from '../../../../src/core/transforms/values.js';
import { runSteps } from '../../../support/run-steps.js';
import { AFFINES, fillVolume, niftiFile, placed } from '../../../support/volumes.js';

const volume = fillVolume([4, 3, 2], (x, y, z) => x + 10 * y + 100 * z, 'int16');
const file = niftiFile(volume, AFFINES['LAS']!);
const IMAGE = { fields: ['image'] };
let folder: string;
let data: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'transforms-'));
  data = path.join(folder, 'data');
  mkdirSync(path.join(data, 'sub'), { recursive: true });
  writeFileSync(path.join(data, 'sub', 'scan.nii'), file.bytes);
  writeFileSync(path.join(folder, 'secret.nii'), file.bytes);
  symlinkSync(path.join(folder, 'secret.nii'), path.join(data, 'link.nii'));
  symlinkSync(folder, path.join(data, 'out'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('LoadImage', () => {
  it('decodes the bytes of a file and says where its voxels lie', async () => {
    const image = (await runSteps([['LoadImage', IMAGE]], { image: file })).get('image') as ImageValue;
    expect(image).toMatchObject({ kind: 'image', form: 'nifti' });
    expect(image.geometry!.affine).toEqual(readNifti({ bytes: file.bytes }).geometry!.affine);
  });

  it('leaves an image as it is', async () => {
    const image = readNifti({ bytes: file.bytes });
    expect((await runSteps([['LoadImage', IMAGE]], { image })).get('image')).toBe(image);
  });

  it.each([
    [
      'an array, as a .npy is one',
      { kind: 'array', array: volume } as const,
      /Send the image file itself .* leave the step/,
    ],
    ['a number', plainValue(3), /^Send the image file itself\.$/],
  ])('refuses %s and says what to do', async (_, image, hint) => {
    const run = runSteps([['LoadImage', IMAGE]], { image });
    const details = { hint: expect.stringMatching(hint) };
    await expect(run).rejects.toMatchObject({ code: 'TRANSFORM_FAILED', details });
  });

  it('reads the bytes of an .npy as an image that lies nowhere', async () => {
    const image = { kind: 'file', bytes: Buffer.concat(encodeNpy(volume)) } as const;
    const loaded = (await runSteps([['LoadImage', IMAGE]], { image })).get('image') as ImageValue;
    expect(loaded).toMatchObject({ kind: 'image', array: { shape: volume.shape, dtype: volume.dtype } });
    expect(loaded.geometry).toBeUndefined();
  });

  it('reads a file by name from the data folder of a local run', async () => {
    const fields = await runSteps([['LoadImage', IMAGE]], { image: plainValue('sub/scan.nii') }, { dataDir: data });
    expect(fields.get('image')).toMatchObject({ kind: 'image', form: 'nifti' });
  });

  it.each([
    ['without a data folder', 'sub/scan.nii', {}, 'TRANSFORM_FAILED', /reads no files/],
    ['above the data folder', '../secret.nii', { data }, 'TRANSFORM_FAILED', /outside the data folder/],
    ['by an absolute name', '/etc/hostname', { data }, 'TRANSFORM_FAILED', /outside the data folder/],
    ['behind a symbolic link', 'link.nii', { data }, 'TRANSFORM_FAILED', /outside the data folder/],
    ['that is not there', 'nothing.nii', { data }, 'FILE_NOT_FOUND', /no file 'nothing.nii'/],
  ])('does not read a file %s', async (_title, name, options, code, message) => {
    const context = 'data' in options ? { dataDir: data } : {};
    await expect(runSteps([['LoadImage', IMAGE]], { image: plainValue(name) }, context)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ['an array', placed(volume, AFFINES['RAS']!)],
    ['a number', plainValue(3)],
  ])('refuses %s', async (_title, image) => {
    await expect(runSteps([['LoadImage', IMAGE]], { image })).rejects.toMatchObject({ code: 'TRANSFORM_FAILED' });
  });
});

describe('the readers of Eisen', () => {
  it('add the affine and the orientation', async () => {
    const fields = await runSteps([['LoadNiftiFromFilename', IMAGE]], { image: file });
    expect([...fields.keys()]).toEqual(['image', 'image_affines', 'image_orientations']);
    expect(fields.get('image_orientations')).toEqual(plainValue(['L', 'A', 'S']));
    expect(fields.get('image_affines')).toMatchObject({ kind: 'array', array: { dtype: 'float64', shape: [4, 4] } });
  });

  it('turn to RAS+ when asked, also under the old name', async () => {
    const fields = await runSteps([['LoadNiftyFromFilename', { ...IMAGE, canonical: true, data_dir: '/train' }]], {
      image: file,
    });
    expect(fields.get('image_orientations')).toEqual(plainValue(['R', 'A', 'S']));
  });

  it('refuse a volume where a picture is wanted', async () => {
    await expect(runSteps([['LoadPILImageFromFilename', IMAGE]], { image: file })).rejects.toThrow(
      /expected a picture/,
    );
  });

  it('refuse the bytes of another format where DICOM is wanted', async () => {
    await expect(runSteps([['LoadDICOMFromFilename', IMAGE]], { image: file })).rejects.toMatchObject({
      code: 'DICOM_INVALID',
    });
  });
});

describe('WriteNiftiToFile', () => {
  const image = readNifti({ bytes: file.bytes });

  it('writes PREFIX_FIELD.nii.gz into the output folder', async () => {
    await runSteps([['WriteNiftiToFile', { ...IMAGE, filename_prefix: 'case' }]], { image }, { outputDir: data });
    const again = readNifti({ bytes: readFileSync(path.join(data, 'case_image.nii.gz')) });
    expect(toContiguous(again.array, 'F').data).toEqual(volume.data);
    expect(again.geometry!.affine).toEqual(image.geometry!.affine);
  });

  it('takes the last part of the name from a field', async () => {
    const steps = [['WriteNiftiToFile', { ...IMAGE, name_fields: ['id'], filename_prefix: 'x' }]] as const;
    await runSteps(steps, { image, id: plainValue(7) }, { outputDir: data });
    expect(readdirSync(data)).toContain('x_image_7.nii.gz');
  });

  it.each([
    ['a server', {}, 'case', /writes no files/],
    ['a prefix that leads out', { data }, '../case', /outside the output folder/],
    ['an absolute prefix', { data }, '/tmp/case', /outside the output folder/],
    ['a symbolic link that leads out', { data }, 'out/case', /outside the output folder/],
  ])('refuses %s', async (_title, options, filename_prefix, message) => {
    const context = 'data' in options ? { outputDir: data } : {};
    const run = runSteps([['WriteNiftiToFile', { ...IMAGE, filename_prefix }]], { image }, context);
    await expect(run).rejects.toThrow(message);
    expect(readdirSync(folder).sort()).toEqual(['data', 'secret.nii']);
  });

  it('refuses an array', async () => {
    const run = runSteps(
      [['WriteNiftiToFile', IMAGE]],
      { image: placed(volume, AFFINES['RAS']!) },
      { outputDir: data },
    );
    await expect(run).rejects.toThrow(/expected an image \(nifti\)/);
  });
});

describe('WriteNPY', () => {
  it('keeps dtype and C order', async () => {
    const fields = await runSteps([['WriteNPY', IMAGE]], { image: placed(volume, AFFINES['RAS']!) });
    const value = fields.get('image') as FileValue;
    const array = decodeNpy(value.bytes);
    expect(value).toMatchObject({ name: 'image.npy', contentType: 'application/x-npy' });
    expect(array).toMatchObject({ dtype: 'int16', shape: [4, 3, 2] });
    expect(Array.from(array.data as Int16Array).slice(0, 3)).toEqual([0, 100, 10]);
  });
});

describe('WriteNifti', () => {
  it.each([
    ['bool', 'uint8', true],
    ['uint16', 'uint16', true],
    ['float16', 'float32', false],
  ] as const)('stores %s as %s', async (dtype, stored, labels) => {
    const array = { ...fillVolume([2, 2, 2], (x) => x, dtype), dtype };
    const fields = await runSteps([['WriteNifti', IMAGE]], { image: placed(array, AFFINES['RAS']!) });
    expect(fields.get('image')).toMatchObject({
      kind: 'image',
      form: 'nifti',
      array: { dtype: stored },
      extra: { labels },
    });
  });

  it.each([
    ['uint8', 'float32', 300, 'it holds 300, which does not fit into uint8 (0 to 255)'],
    ['uint8', 'float32', -3.2, 'it holds -3.2'],
    ['uint8', 'float64', Number.NaN, 'it holds NaN'],
    ['int16', 'int32', 32_768, 'it holds 32768, which does not fit into int16 (-32768 to 32767)'],
    ['int32', 'float32', Infinity, 'it holds Infinity'],
    ['uint16', 'int8', -1, 'it holds -1'],
  ] as const)('refuses, as %s, a %s of %s instead of wrapping it', async (dtype, own, value, message) => {
    const array = fillVolume([2, 2, 2], (x) => (x === 1 ? value : 0), own);
    const run = runSteps([['WriteNifti', { ...IMAGE, dtype }]], { image: placed(array, AFFINES['RAS']!) });
    const expected = { code: 'TRANSFORM_FAILED', message: expect.stringContaining(`field 'image': ${message}`) };
    await expect(run).rejects.toMatchObject(expected);
  });

  it('cuts fractions toward zero at both ends of the range', async () => {
    const array = fillVolume([2, 2, 2], (x) => (x === 1 ? 255.9 : -0.9), 'float32');
    const steps = [['WriteNifti', { ...IMAGE, dtype: 'uint8' }]] as const;
    const image = (await runSteps(steps, { image: placed(array, AFFINES['RAS']!) })).get('image') as ImageValue;
    expect(new Set(image.array.data as Uint8Array)).toEqual(new Set([0, 255]));
  });

  it('takes axes of length 1 away and puts the header of the reference under the voxels', async () => {
    const reference = readNifti({ bytes: file.bytes });
    const prediction = {
      ...placed(volume, reference.geometry!.affine),
      array: { ...volume, shape: [1, 4, 3, 2], strides: [0, ...volume.strides] },
    };
    const geometry = { ...prediction.geometry!, spatialAxes: [1, 2, 3] as const };
    const fields = await runSteps([['WriteNifti', { fields: ['p'], reference: 'image' }]], {
      image: reference,
      p: { ...prediction, geometry },
    });
    const image = fields.get('p') as ImageValue;
    expect(image.array.shape).toEqual([4, 3, 2]);
    expect(image.geometry!.spatialAxes).toEqual([0, 1, 2]);
    expect(image.geometry!.original.headerBytes).toEqual(reference.geometry!.original.headerBytes);
  });

  it('refuses an array that lies nowhere', async () => {
    const run = runSteps([['WriteNifti', IMAGE]], { image: { kind: 'array', array: volume } });
    await expect(run).rejects.toMatchObject({ code: 'GEOMETRY' });
  });
});
