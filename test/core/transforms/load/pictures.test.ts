import { describe, expect, it } from '@jest/globals';
import { TAG } from '../../../../src/core/imaging/dicom/tags.js';
import { wrapNdArray } from '../../../../src/core/tensor/ndarray.js';
import type { ArrayValue, ImageValue } from '../../../../src/core/tensor/value.js';
import { arrayValue, plainValue } from '../../../../src/core/transforms/values.js';
import { encodeDicom, greyPicture } from '../../../support/dicom-writer.js';
import { countDifferences, readGolden } from '../../../support/golden.js';
import { runSteps } from '../../../support/run-steps.js';

const IMAGE = { fields: ['image'] };

describe('PilToNumpy', () => {
  const pictures = readGolden('pictures');

  it.each(pictures)('gives the values of PIL as float32 for $name', async ({ arrays }) => {
    const image = { kind: 'file' as const, bytes: arrays.file!.data as Uint8Array };
    const steps = [['LoadPILImageFromFilename', IMAGE] as const, ['PilToNumpy', IMAGE] as const];
    const { array } = (await runSteps(steps, { image })).get('image') as ArrayValue;
    const wanted = arrays.array!;
    expect(countDifferences(array, wrapNdArray('float32', wanted.shape, Float32Array.from(wanted.data, Number)))).toBe(
      0,
    );
  });

  it('puts the colours first with multichannel', async () => {
    const { arrays } = pictures.find(({ name }) => name === 'PNG, RGB')!;
    const image = { kind: 'file' as const, bytes: arrays.file!.data as Uint8Array };
    const fields = await runSteps(
      [
        ['LoadImage', IMAGE],
        ['PilToNumpy', { ...IMAGE, multichannel: true }],
      ],
      { image },
    );
    const [rows, columns] = arrays.array!.shape;
    expect((fields.get('image') as ArrayValue).array.shape).toEqual([3, rows, columns]);
  });

  it('rescales an X-ray, a DICOM file without a place in the body', async () => {
    const bytes = encodeDicom([
      ...greyPicture(Int16Array.of(1, -2, 3, -4, 5, -6), { rows: 2, columns: 3 }),
      [0x00281053, 'DS', '2'],
      [0x00281052, 'DS', '0.5'],
    ]);
    const fields = await runSteps(
      [
        ['LoadImage', IMAGE],
        ['PilToNumpy', IMAGE],
      ],
      { image: { kind: 'file', bytes } },
    );
    const { array } = fields.get('image') as ArrayValue;
    expect(array.shape).toEqual([2, 3]);
    expect([...array.data]).toEqual([2.5, -3.5, 6.5, -7.5, 10.5, -11.5]);
  });
});

describe('LoadDICOMFromFilename', () => {
  it('does not turn MONOCHROME1 over, as pydicom does not, and says that it is so', async () => {
    const elements = greyPicture(Int16Array.of(0, 1, 2, 3, 4, 5), { rows: 2, columns: 3 });
    const turned = elements.map((one) => (one[0] === TAG.photometric ? ([one[0], 'CS', 'MONOCHROME1'] as const) : one));
    const fields = await runSteps([['LoadDICOMFromFilename', IMAGE]], {
      image: { kind: 'file', bytes: encodeDicom(turned) },
    });
    expect([...(fields.get('image_pixel_array') as ArrayValue).array.data]).toEqual([0, 1, 2, 3, 4, 5]);
    expect((fields.get('image') as ImageValue).extra).toMatchObject({ mode: 'MONOCHROME1' });
  });

  it('gives the stored values of an X-ray and a picture', async () => {
    const bytes = encodeDicom(greyPicture(Int16Array.of(1, -2, 3, -4, 5, -6), { rows: 2, columns: 3 }));
    const fields = await runSteps([['LoadDICOMFromFilename', IMAGE]], { image: { kind: 'file', bytes } });
    expect([...(fields.get('image_pixel_array') as ArrayValue).array.data]).toEqual([1, -2, 3, -4, 5, -6]);
    expect((fields.get('image') as ImageValue).form).toBe('pil');
  });
});

describe('GetContent', () => {
  it('says what a field holds and changes nothing', async () => {
    const said: string[] = [];
    const label = arrayValue(wrapNdArray('uint8', [2], Uint8Array.of(1, 2)));
    const fields = await runSteps(
      [['GetContent', { fields: ['label', 'name'] }]],
      { label, name: plainValue('scan') },
      { say: (text) => said.push(text) },
    );
    expect(fields.get('label')).toBe(label);
    expect(said).toHaveLength(2);
    expect(said[1]).toMatch(/^Data stored in data dictionary at field name .*scan/);
  });
});
