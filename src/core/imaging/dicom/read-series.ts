import { LIMITS } from '../../limits.js';
import { castElements } from '../../tensor/cast.js';
import { DTYPES, type TypedArray } from '../../tensor/dtype.js';
import { wrapNdArray } from '../../tensor/ndarray.js';
import type { ImageValue } from '../../tensor/value.js';
import { voxelSizes } from '../affine.js';
import { checkBystanders } from './bystanders.js';
import { type DicomFile, parseDicom } from './dataset.js';
import { dicomError, seriesError } from './dicom-error.js';
import { readText } from './element-values.js';
import type { NamedBytes } from './named-bytes.js';
import { readPicture } from './picture.js';
import { looksLikeDicom } from './preamble.js';
import { hasPixels, isPlaced, readSlices, type Slice } from './slices.js';
import { stackSlices } from './stack-slices.js';
import { TAG } from './tags.js';

/**
 * A DICOM series as one volume, axes (column, row, plane), stored values with the series' rescaling, or float32 values
 * when the planes are rescaled differently. A single file that says nothing of its place in the body, such as an X-ray,
 * is a picture instead. Files that are no DICOM or hold no picture are passed over and named in `extra.ignored`, unless
 * one seems to be a broken slice. Throws DICOM_INVALID and DICOM_UNSUPPORTED for one file, DICOM_SERIES for files that make no regular volume.
 */
export async function readDicomSeries(files: readonly NamedBytes[], where: string): Promise<ImageValue> {
  const parsed = files.filter(({ bytes }) => looksLikeDicom(bytes)).map(({ bytes, name }) => parseDicom(bytes, name));
  const pictures = parsed.filter(hasPixels);
  const kept = new Set(pictures.map(({ name }) => name));
  checkOneSeries(pictures, where);
  checkBystanders(files, { parsed, pictures });
  const [first] = pictures as [DicomFile];
  const about = {
    format: 'dicom',
    modality: readText(first.dataset, TAG.modality) ?? '',
    description: readText(first.dataset, TAG.seriesDescription) ?? '',
    series: readText(first.dataset, TAG.seriesUid) ?? '',
    ignored: files.map(({ name }) => name).filter((name) => !kept.has(name)),
  };
  if (pictures.length === 1 && !isPlaced(first)) return readPicture(first, about);
  const stack = stackSlices(pictures.flatMap(readSlices), where);
  const { affine } = stack;
  const { array, scaling } = await joinSlices(stack.slices, where);
  return {
    kind: 'image',
    form: 'nifti',
    array,
    scaling,
    geometry: { affine, spatialAxes: [0, 1, 2], original: { shape: array.shape, affine, source: 'dicom' } },
    extra: { ...about, zooms: voxelSizes(affine).map(Math.fround), warnings: stack.warnings },
  };
}

function checkOneSeries(pictures: readonly DicomFile[], where: string): void {
  if (pictures.length === 0) throw seriesError(where, 'there is no DICOM picture in it');
  const series = new Map<string, { name: string; count: number }>();
  for (const { dataset } of pictures) {
    const uid = readText(dataset, TAG.seriesUid) ?? '';
    const name = [readText(dataset, TAG.modality), readText(dataset, TAG.seriesDescription)].filter(Boolean).join(' ');
    series.set(uid, { name, count: (series.get(uid)?.count ?? 0) + 1 });
  }
  if (series.size === 1) return;
  const list = [...series].map(([uid, { name, count }]) => `${uid}${name ? ` '${name}'` : ''} (${count} files)`);
  const shown = list.length > 8 ? [...list.slice(0, 8), `${list.length - 8} more`] : list;
  throw seriesError(where, `there are ${series.size} series: ${shown.join(', ')}`, 'Give the files of one series.');
}

async function joinSlices(slices: readonly Slice[], where: string): Promise<Pick<ImageValue, 'array' | 'scaling'>> {
  const [first] = slices as [Slice];
  const { rows, columns, slope, intercept } = first;
  const shape = [columns, rows, slices.length];
  const size = rows * columns;
  const same = slices.every((slice) => slice.slope === slope && slice.intercept === intercept);
  const dtype = same ? first.dtype : 'float32';
  const bytes = size * slices.length * DTYPES[dtype].bytes;
  if (bytes > LIMITS.tensorBytes) throw dicomError(where, `the volume would take ${bytes} bytes`);
  const data = new DTYPES[dtype].array(size * slices.length);
  for (const [n, slice] of slices.entries()) {
    const pixels = await slice.readPixels();
    data.set((same ? pixels : rescale(pixels, slice)) as never, n * size);
  }
  const scaling = same && (slope !== 1 || intercept !== 0) ? { slope, intercept } : undefined;
  return { array: wrapNdArray(dtype, shape, data, 'F'), scaling };
}

function rescale(pixels: TypedArray, { dtype, slope, intercept }: Slice): TypedArray {
  const values = castElements(pixels, dtype, 'float64') as Float64Array;
  return Float32Array.from(values, (value) => value * slope + intercept);
}
