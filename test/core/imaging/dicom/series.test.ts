import { describe, expect, it } from '@jest/globals';
import { isEisenError } from '../../../../src/core/errors/error.js';
import { parseDicom } from '../../../../src/core/imaging/dicom/dataset.js';
import { readText } from '../../../../src/core/imaging/dicom/element-values.js';
import type { NamedBytes } from '../../../../src/core/imaging/dicom/named-bytes.js';
import { readPixelArray } from '../../../../src/core/imaging/dicom/pixels.js';
import { readDicomSeries } from '../../../../src/core/imaging/dicom/read-series.js';
import { TAG } from '../../../../src/core/imaging/dicom/tags.js';
import { affineOfItkGrid } from '../../../../src/core/imaging/itk/itk-grid.js';
import { readScaledValues } from '../../../../src/core/imaging/scaled.js';
import { castArray } from '../../../../src/core/tensor/cast.js';
import { transpose } from '../../../../src/core/tensor/layout.js';
import { countDifferences, type GoldenCase, readGolden } from '../../../support/golden.js';

const cases = readGolden('dicom');

function filesOf({ arrays, facts }: GoldenCase): NamedBytes[] {
  return Array.from({ length: Number(facts.count) }, (_, n) => ({
    name: `plane${n}.dcm`,
    bytes: arrays[`file${n}`]!.data as Uint8Array,
  }));
}

const seriesNamed = (name: string): NamedBytes[] => filesOf(cases.find((one) => one.name === name)!);

/** Replaces one text in the bytes of a file by another of the same length. */
function retext({ name, bytes }: NamedBytes, from: string, to: string): NamedBytes {
  const copy = Buffer.from(bytes);
  const at = copy.indexOf(from, 0, 'latin1');
  expect(at).toBeGreaterThan(0);
  copy.write(to, at, 'latin1');
  return { name, bytes: new Uint8Array(copy) };
}

describe('readDicomSeries', () => {
  it.each(cases)('gives the pixels of pydicom and the geometry of the attributes for $name', async (golden) => {
    const files = filesOf(golden);
    expect(countDifferences(await readPixelArray(parseDicom(files[0]!.bytes, 'a')), golden.arrays.first_pixels!)).toBe(
      0,
    );
    const image = await readDicomSeries(files, 'series');
    expect(countDifferences(image.array, golden.arrays.volume!)).toBe(0);
    image.geometry!.affine.forEach((value, n) => {
      expect(value).toBeCloseTo(Number(golden.arrays.affine!.data[n]), 10);
    });
    expect(image.geometry!.original.source).toBe('dicom');
  });

  it.each(cases.filter(({ arrays }) => arrays.itk_values))(
    'gives the values and the grid of SimpleITK for $name',
    async (golden) => {
      const image = await readDicomSeries(filesOf(golden), 'series');
      const wanted = golden.arrays.itk_values!;
      const values = castArray(readScaledValues(image), 'float64');
      expect(countDifferences(transpose(values, [2, 1, 0]), wanted)).toBe(0);
      const grid = Array.from(golden.arrays.itk_grid!.data, Number);
      affineOfItkGrid({ spacing: grid.slice(0, 3), origin: grid.slice(3, 6), direction: grid.slice(6) }).forEach(
        (value, n) => {
          expect(image.geometry!.affine[n]).toBeCloseTo(value, 5);
        },
      );
    },
  );

  it('keeps the rescaling of the series beside the stored values', async () => {
    expect((await readDicomSeries(seriesNamed('a slope and intercept'), 's')).scaling).toEqual({
      slope: 2.5,
      intercept: -100.5,
    });
    expect((await readDicomSeries(seriesNamed('an enhanced multi-frame file'), 's')).scaling).toEqual({
      slope: 2,
      intercept: -1024,
    });
  });

  it('rescales plane by plane when the planes differ', async () => {
    const files = seriesNamed('a slope and intercept');
    const image = await readDicomSeries([retext(files[0]!, '2.5', '3.5'), ...files.slice(1)], 's');
    expect(image.array.dtype).toBe('float32');
    expect(image.scaling).toBeUndefined();
  });

  it('passes over what is no DICOM picture and says so', async () => {
    const readme = { name: 'README', bytes: new Uint8Array(500) };
    const image = await readDicomSeries([readme, ...seriesNamed('a plain axial series')], 's');
    expect(image.extra!.ignored).toEqual(['README']);
    expect(image.extra).toMatchObject({ modality: 'CT', description: 'phantom' });
  });

  it.each(['DICOMDIR', 'a/LICENSE', '.DS_Store', 'Thumbs.db', 'notes.txt', 'x.json', 'scout.PNG', '__MACOSX/a/._IM0'])(
    'passes over %s, even an empty one',
    async (name) => {
      const series = seriesNamed('a plain axial series').map((file, n) => ({ ...file, name: `IM${n}` }));
      const image = await readDicomSeries([...series, { name, bytes: new Uint8Array(0) }], 's');
      expect(image.extra!.ignored).toEqual([name]);
    },
  );

  it('passes over what is named otherwise than the slices', async () => {
    const other = { name: 'protocol', bytes: Buffer.from('3 mm, T1') };
    const image = await readDicomSeries([other, ...seriesNamed('a plain axial series')], 's');
    expect(image.extra!.ignored).toEqual(['protocol']);
  });

  it('notes the gaps beside a plane that is a little off', async () => {
    const files = seriesNamed('a plain axial series').map((file) =>
      Buffer.from(file.bytes).includes('42.5') ? retext(file, '42.5', '42.6') : file,
    );
    expect((await readDicomSeries(files, 's')).extra!.warnings).toHaveLength(2);
  });
});

describe('readDicomSeries refuses', () => {
  const axial = seriesNamed('a plain axial series');
  const atPlace = (place: string): NamedBytes => axial.find(({ bytes }) => Buffer.from(bytes).includes(place))!;
  const without = (place: string): NamedBytes[] => axial.filter((file) => file !== atPlace(place));
  const otherSeries = (): NamedBytes => {
    const bytes = Buffer.from(axial[0]!.bytes);
    const at = bytes.indexOf(Buffer.from([0x20, 0, 0x0e, 0, 0x55, 0x49]));
    bytes[at + 8 + bytes[at + 6]! - 1] = 0x37;
    return { name: 'other.dcm', bytes: new Uint8Array(bytes) };
  };
  const colour = (): NamedBytes => {
    const bytes = Buffer.from(axial[0]!.bytes);
    const at = bytes.indexOf(Buffer.from([0x28, 0, 2, 0, 0x55, 0x53]));
    bytes[at + 8] = 3;
    return { name: 'colour.dcm', bytes: new Uint8Array(bytes) };
  };
  /** The series with its last slice, which no gap would betray, cut to `length` bytes, the files named by `call`. */
  const brokenEnd = (length: number, call: (n: number) => string): NamedBytes[] => {
    const last = axial.length - 1;
    const place = ({ bytes }: NamedBytes): number =>
      Number(readText(parseDicom(bytes, 'f').dataset, TAG.position)!.split('\\')[2]);
    return [...axial]
      .sort((a, b) => place(a) - place(b))
      .map(({ bytes }, n) => ({ name: call(n), bytes: n === last ? bytes.subarray(0, length) : bytes }));
  };
  /** The bytes before the element of the pixels. */
  const headerBytes = (): number =>
    Math.max(...axial.map(({ bytes }) => Buffer.from(bytes).lastIndexOf(Buffer.from([0xe0, 0x7f, 0x10, 0]))));

  it.each([
    ['an empty last slice', 0, (n: number) => `IM00${n}`, 'the file is empty'],
    ['an empty file of another name', 0, (n: number) => (n < 4 ? `IM00${n}.dcm` : 'IM'), 'the file is empty'],
    ['a last slice of 100 bytes', 100, (n: number) => `dd/IM00${n}`, 'the file is no DICOM (100 bytes)'],
    ['a last slice of 132 bytes', 132, (n: number) => `a.b/IM00${n}.dcm`, 'the file is no DICOM (132 bytes)'],
    ['a last slice named by its number', 64, (n: number) => `1.2.840.${n}`, 'the file is no DICOM (64 bytes)'],
    ['a last slice that ends before its pixels', headerBytes(), (n: number) => `IM00${n}`, 'the file has no pixels'],
  ])('%s, by its name', async (_name, length, call, message) => {
    const files = brokenEnd(length, call);
    const error = await readDicomSeries(files, 's').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'DICOM_INVALID' });
    expect((error as Error).message).toContain(`${files.at(-1)!.name}: ${message}`);
  });

  const cut = (length: number): NamedBytes => ({ name: 'cut.dcm', bytes: axial[0]!.bytes.subarray(0, length) });

  it.each<[string, () => NamedBytes[], string]>([
    ['nothing at all', () => [], 's: there is no DICOM picture in it'],
    ['a missing plane', () => without('42.5'), 'are 5.000 mm apart where the others are 2.500 mm: about 1 missing'],
    ['the same plane twice', () => [...axial, { ...axial[0]!, name: 'again.dcm' }], 'lie at the same place'],
    ['two series', () => [otherSeries(), ...axial.slice(1)], 'there are 2 series'],
    [
      'a plane that is turned',
      () => [retext(axial[0]!, '1.0\\0.0\\0.0', '0.0\\0.0\\1.0'), ...axial.slice(1)],
      'has another orientation than',
    ],
    [
      'planes of another size',
      () => [...axial, ...seriesNamed('explicit transfer syntax, 8 bits')],
      'has another size or type',
    ],
    [
      'a tilted gantry',
      () => axial.map((file, n) => retext(file, '13.25', `1${3 + n}.25`.slice(0, 5))),
      'the gantry was tilted',
    ],
    ['a position that is no number', () => [retext(axial[0]!, '13.25', '13.2x')], 'expected 3 finite numbers'],
    ['pixels cut off', () => [cut(axial[0]!.bytes.length - 8)], 'reaches past the end of the file'],
    ['a header cut off', () => [cut(300)], 'reaches past the end of the file'],
    [
      'a compression that is not read',
      () => [retext(axial[0]!, '1.2.840.10008.1.2.1\0', '1.2.840.10008.1.2.4\0')],
      'an unknown one, which is not read here',
    ],
    ['colour', () => [colour()], 'has 3 samples (colour)'],
  ])('%s', async (_name, files, message) => {
    await expect(readDicomSeries(files(), 's')).rejects.toThrow(message);
  });

  it('random damage by a typed error, in bounded time', async () => {
    let state = 9;
    const draw = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const sources = [
      axial[0]!,
      seriesNamed('an enhanced multi-frame file')[0]!,
      seriesNamed('rle transfer syntax')[0]!,
    ];
    const outcomes = new Set<string>();
    for (let round = 0; round < 3000; round += 1) {
      const bytes = new Uint8Array(sources[round % 3]!.bytes);
      for (let change = draw(4) + 1; change > 0; change -= 1) bytes[132 + draw(bytes.length - 132)] = draw(256);
      const kept = draw(4) === 0 ? bytes.subarray(0, draw(bytes.length)) : bytes;
      try {
        await readDicomSeries([{ name: 'f', bytes: kept }], 's');
        outcomes.add('read');
      } catch (error) {
        if (!isEisenError(error)) throw error;
        outcomes.add(error.code);
      }
    }
    expect([...outcomes]).toContain('DICOM_INVALID');
    expect([...outcomes]).toContain('read');
  });
});
