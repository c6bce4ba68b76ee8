import { describe, expect, it } from '@jest/globals';
import { decodeImage, decodeImageFiles } from '../../../../src/core/imaging/decode-image.js';
import { readDicomSeries } from '../../../../src/core/imaging/dicom/read-series.js';
import type { ImageValue } from '../../../../src/core/tensor/value.js';
import { type DicomElement, encodeDataset, encodeDicom, greyPicture, placeAt } from '../../../support/dicom-writer.js';
import { makeZip } from '../../../support/zip-writer.js';

const PIXELS = Int16Array.of(1, -2, 3, -4, 5, -6);
const picture = greyPicture(PIXELS, { rows: 2, columns: 3 });
const plane = (z: number, more: DicomElement[] = []): DicomElement[] => [...picture, ...placeAt([0, 0, z]), ...more];
const without = (elements: readonly DicomElement[], tag: number): DicomElement[] =>
  elements.filter(([own]) => own !== tag);
const swap = (elements: readonly DicomElement[], element: DicomElement): DicomElement[] => [
  ...without(elements, element[0]),
  element,
];
const decode = (elements: readonly DicomElement[], options?: Parameters<typeof encodeDicom>[1]): Promise<ImageValue> =>
  decodeImage(encodeDicom(elements, options), { name: 'f.dcm' });
const valuesOf = ({ array }: ImageValue): number[] => Array.from(array.data, Number);
const named = (planes: readonly DicomElement[][]): { name: string; bytes: Uint8Array }[] =>
  planes.map((elements, n) => ({ name: `p${n}`, bytes: encodeDicom(elements) }));

describe('a DICOM file is recognised', () => {
  it.each([
    ['with a preamble, explicit', encodeDicom(plane(0))],
    ['with a preamble, implicit', encodeDicom(plane(0), { syntax: '1.2.840.10008.1.2' })],
    ['without a preamble, explicit', encodeDicom(plane(0), { preamble: false })],
    ['without a preamble, implicit', encodeDicom(plane(0), { preamble: false, syntax: '1.2.840.10008.1.2' })],
    [
      'with a preamble and no file header',
      new Uint8Array(Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), encodeDataset(plane(0))])),
    ],
    [
      'with a file header that announces explicit types, which it has not',
      new Uint8Array(Buffer.concat([encodeDicom([]), encodeDataset(plane(0), { explicit: false })])),
    ],
  ])('%s', async (_name, bytes) => {
    expect(valuesOf(await decodeImage(bytes, { name: 'f' }))).toEqual([...PIXELS]);
  });

  it('and text that begins alike is not', async () => {
    const text = Buffer.from(`\b\0\x05\0 but this is a letter, ${'x'.repeat(200)}`, 'latin1');
    await expect(decodeImage(text, { name: 'f' })).rejects.toMatchObject({ code: 'IMAGE_FORMAT' });
  });

  it('with a private sequence of unknown type and no length, which is always implicit inside', async () => {
    const inner = encodeDataset([[0x00091001, 'LO', 'text']], { explicit: false });
    const item = Buffer.concat([Buffer.from('feff00e0ffffffff', 'hex'), inner, Buffer.from('feff0de000000000', 'hex')]);
    const open = Buffer.from('09000210554e0000ffffffff', 'hex');
    const sequence = Buffer.concat([open, item, Buffer.from('feffdde000000000', 'hex')]);
    const head = plane(0).filter(([tag]) => tag < 0x00090000);
    const tail = plane(0).filter(([tag]) => tag > 0x00090000);
    const bytes = Buffer.concat([encodeDicom(head), sequence, encodeDataset(tail)]);
    expect(valuesOf(await decodeImage(new Uint8Array(bytes), { name: 'f' }))).toEqual([...PIXELS]);
  });
});

describe('a zip of a series', () => {
  const entries = [3, 1, 2].map((z, n) => ({
    name: `study/series ${n < 2 ? 'a' : 'b'}/IM${z}`,
    bytes: encodeDicom(swap(plane(z), [0x7fe00010, 'OW', new Uint8Array(12).fill(z)])),
  }));

  it('is read through its folders, a DICOMDIR and other files named as passed over', async () => {
    const zip = makeZip([
      { name: 'DICOMDIR', bytes: encodeDicom([[0x00041130, 'CS', 'SET']]) },
      { name: '__MACOSX/study/._IM1', bytes: new Uint8Array(300) },
      { name: 'study/readme.txt', bytes: Buffer.from('hello') },
      ...entries,
    ]);
    const image = await decodeImage(zip, { name: 'series.zip' });
    expect(image.array.shape).toEqual([3, 2, 3]);
    expect([0, 6, 12].map((n) => Number(image.array.data[n]) & 255)).toEqual([1, 2, 3]);
    expect(image.geometry!.affine).toEqual([-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1]);
    expect(image.extra!.ignored).toEqual(['DICOMDIR', '__MACOSX/study/._IM1', 'study/readme.txt']);
  });

  it('of two series names both', async () => {
    const other = swap(swap(plane(9), [0x0020000e, 'UI', '1.2.9']), [0x0008103e, 'LO', 'scout']);
    const zip = makeZip([...entries, { name: 'scout', bytes: encodeDicom(other) }]);
    await expect(decodeImage(zip, { name: 's.zip' })).rejects.toMatchObject({
      code: 'DICOM_SERIES',
      message:
        "s.zip: there are 2 series: 1.2.3 'CT' (3 files), 1.2.9 'CT scout' (1 files). Give the files of one series.",
    });
  });

  it('with nothing but a DICOMDIR says that there is no picture', async () => {
    const zip = makeZip([{ name: 'DICOMDIR', bytes: encodeDicom([[0x00041130, 'CS', 'SET']]) }]);
    await expect(decodeImage(zip, { name: 's.zip' })).rejects.toMatchObject({ code: 'DICOM_SERIES' });
  });
});

describe('planes', () => {
  const orientation = (values: number[]): DicomElement => [0x00200037, 'DS', values.join('\\')];

  it.each<[string, DicomElement[][], string]>([
    ['with a gap', [plane(0), plane(1), plane(3)], '2.000 mm apart where the others are 1.000 mm: about 1 missing'],
    ['unevenly spaced', [plane(0), plane(1), plane(2.3), plane(3.3)], 'irregular'],
    ['twice at one place', [plane(0), plane(1), plane(1)], 'lie at the same place'],
    [
      'turned a little',
      [plane(0), swap(plane(1), orientation([1, 0, 0, 0, 0.999, 0.0447]))],
      'another orientation than',
    ],
    [
      'of another pixel spacing',
      [plane(0), swap(plane(1), [0x00280030, 'DS', '1\\1.1'])],
      'another pixel spacing than',
    ],
    [
      'of another size',
      [plane(0), [...greyPicture(PIXELS, { rows: 3, columns: 2 }), ...placeAt([0, 0, 1])]],
      'another size or type than',
    ],
    ['of another type', [plane(0), swap(plane(1), [0x00280103, 'US', 0])], 'another size or type than'],
    [
      'of a tilted gantry',
      [0, 1, 2].map((n) => [...picture, ...placeAt([0, 0.3 * n, n])]),
      'stacked 16.7° off their normal: the gantry was tilted',
    ],
    [
      'with slanted axes',
      [swap(plane(0), orientation([1, 0, 0, 0.5, 0.866, 0]))],
      'is not two perpendicular unit vectors',
    ],
  ])('%s make no volume', async (_name, planes, message) => {
    const reading = decodeImageFiles(named([...planes]), { name: 's' });
    await expect(reading).rejects.toMatchObject({ code: 'DICOM_SERIES', message: expect.stringContaining(message) });
  });

  it('each with its own rescaling are rescaled one by one', async () => {
    const image = await readDicomSeries(
      named([plane(0, [[0x00281053, 'DS', '2']]), plane(1, [[0x00281052, 'DS', '-10']])]),
      's',
    );
    expect(image.array.dtype).toBe('float32');
    expect(valuesOf(image)).toEqual([2, -4, 6, -8, 10, -12, -9, -12, -7, -14, -5, -16]);
  });
});

describe('an enhanced multi-frame file', () => {
  const at = (z: number, turn = '1\\0\\0\\0\\1\\0'): DicomElement[] => [
    [0x00209113, 'SQ', [[[0x00200032, 'DS', `0\\0\\${z}`]]]],
    [0x00209116, 'SQ', [[[0x00200037, 'DS', turn]]]],
  ];
  const shared: DicomElement = [0x52009229, 'SQ', [[[0x00289110, 'SQ', [[[0x00280030, 'DS', '2\\3']]]]]]];
  const frames = (groups: DicomElement[][]): DicomElement[] => [
    ...greyPicture(Int16Array.of(1, 2, 3, 4, 5, 6, 7, 8), { rows: 2, columns: 2, frames: 2 }),
    shared,
    [0x52009230, 'SQ', groups],
  ];

  it('puts its frames where they say they lie, not in their order', async () => {
    const image = await decode(frames([at(5), at(2)]));
    expect(valuesOf(image)).toEqual([5, 6, 7, 8, 1, 2, 3, 4]);
    expect(image.geometry!.affine).toEqual([-3, 0, 0, 0, 0, -2, 0, 0, 0, 0, 3, 2, 0, 0, 0, 1]);
  });

  it('with frames of different orientation is refused, frame named', async () => {
    await expect(decode(frames([at(5), at(2, '0\\1\\0\\0\\0\\-1')]))).rejects.toThrow(
      "'f.dcm, frame 2' has another orientation than 'f.dcm, frame 1'",
    );
  });

  it('that leaves a place out is refused, frame named', async () => {
    const groups = [at(5), []];
    await expect(decode(frames(groups))).rejects.toThrow('f.dcm: frame 2 does not say its position');
  });
});

describe('a file that says nothing of its place is a picture', () => {
  it('with rows before columns, its rescaling kept, and no geometry', async () => {
    const image = await decode([...picture, [0x00281053, 'DS', '2'], [0x00281052, 'DS', '1']]);
    expect(image).toMatchObject({ form: 'pil', scaling: { slope: 2, intercept: 1 }, extra: { mode: 'MONOCHROME2' } });
    expect(image.array.shape).toEqual([2, 3]);
    expect(image.geometry).toBeUndefined();
  });

  const colour = swap(
    swap(greyPicture(Uint8Array.of(1, 2, 3, 4, 5, 6), { rows: 1, columns: 2 }), [0x00280002, 'US', 3]),
    [0x00280004, 'CS', 'RGB'],
  );

  it('in colour, pixel after pixel or plane after plane', async () => {
    expect(valuesOf(await decode(colour))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(valuesOf(await decode([...colour, [0x00280006, 'US', 1]]))).toEqual([1, 3, 5, 2, 4, 6]);
  });

  it('of a palette as its indices', async () => {
    const image = await decode(
      swap(greyPicture(Uint8Array.of(7, 9), { rows: 1, columns: 2 }), [0x00280004, 'CS', 'PALETTE COLOR']),
    );
    expect(valuesOf(image)).toEqual([7, 9]);
    expect(image.extra!.mode).toBe('PALETTE COLOR');
  });

  it.each<[string, DicomElement[], string]>([
    ['YBR colours that nothing converts', swap(colour, [0x00280004, 'CS', 'YBR_FULL']), 'the colours are YBR_FULL'],
    ['halved YBR colours', swap(colour, [0x00280004, 'CS', 'YBR_FULL_422']), 'the colours are YBR_FULL_422'],
    ['pixels of one bit', swap(picture, [0x00280100, 'US', 1]), 'a pixel has 1 bits'],
    [
      'floating-point pixels',
      [...without(picture, 0x7fe00010), [0x7fe00008, 'OF', new Uint8Array(24)]],
      'the pixels are floating-point numbers',
    ],
    ['colour with a place', [...colour, ...placeAt([0, 0, 0])], 'a pixel has 3 samples (colour)'],
    [
      'a palette with a place',
      swap(plane(0), [0x00280004, 'CS', 'PALETTE COLOR']),
      'a pixel is an index into a palette',
    ],
    [
      'frames without a place of each',
      [...greyPicture(PIXELS, { rows: 1, columns: 3, frames: 2 }), ...placeAt([0, 0, 0])],
      'it has 2 frames and does not say where each of them lies',
    ],
  ])('but not with %s', async (_name, elements, message) => {
    const reading = decode(elements);
    await expect(reading).rejects.toMatchObject({
      code: 'DICOM_UNSUPPORTED',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ['4.100', 'MPEG video'],
    ['4.110', 'JPEG XL'],
    ['4.94', 'JPIP, pixels that lie on a server'],
    ['4.205', 'JPIP, pixels that lie on a server'],
    ['4.53', 'a retired JPEG process'],
    ['7.7', 'an unknown one'],
  ])('transfer syntax %s is refused by its name', async (ending, name) => {
    const reading = decode(plane(0), { syntax: `1.2.840.10008.1.2.${ending}` });
    await expect(reading).rejects.toMatchObject({
      code: 'DICOM_UNSUPPORTED',
      message: expect.stringContaining(`${name}, which is not read here. Decompress the series first`),
    });
  });
});
