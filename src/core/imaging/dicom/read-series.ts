import { castElements } from '../../tensor/cast.js';
import { DTYPES, type TypedArray } from '../../tensor/dtype.js';
import { wrapNdArray } from '../../tensor/ndarray.js';
import type { ImageValue } from '../../tensor/value.js';
import { voxelSizes } from '../affine.js';
import { looksLikeDicom, parseDicom } from './dataset.js';
import { readText } from './element-values.js';
import { hasPixels, readSlices, type Slice } from './slices.js';
import { stackSlices } from './stack-slices.js';
import { TAG } from './tags.js';

export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * A DICOM series as one volume, axes (column, row, plane), stored values with the series' rescaling, or float32 values
 * when the planes are rescaled differently. Files that are no DICOM or hold no picture are passed over and named in
 * `extra.ignored`. Throws DICOM_INVALID for a damaged file and for files that make no regular volume.
 */
export function readDicomSeries(files: readonly NamedBytes[], where: string): ImageValue {
  const parsed = files.filter(({ bytes }) => looksLikeDicom(bytes)).map(({ bytes, name }) => parseDicom(bytes, name));
  const pictures = parsed.filter(hasPixels);
  const kept = new Set(pictures.map(({ name }) => name));
  const stack = stackSlices(pictures.flatMap(readSlices), where);
  const [first] = stack.slices as [Slice];
  const { array, scaling } = joinSlices(stack.slices);
  const { affine } = stack;
  const dataset = pictures[0]!.dataset;
  return {
    kind: 'image',
    form: 'nifti',
    array,
    scaling,
    geometry: { affine, spatialAxes: [0, 1, 2], original: { shape: array.shape, affine, source: 'dicom' } },
    extra: {
      format: 'dicom',
      zooms: voxelSizes(affine).map(Math.fround),
      modality: readText(dataset, TAG.modality) ?? '',
      description: readText(dataset, TAG.seriesDescription) ?? '',
      series: first.series,
      warnings: stack.warnings,
      ignored: files.map(({ name }) => name).filter((name) => !kept.has(name)),
    },
  };
}

function joinSlices(slices: readonly Slice[]): Pick<ImageValue, 'array' | 'scaling'> {
  const [first] = slices as [Slice];
  const { rows, columns, slope, intercept } = first;
  const shape = [columns, rows, slices.length];
  const size = rows * columns;
  const same = slices.every((slice) => slice.slope === slope && slice.intercept === intercept);
  const dtype = same ? first.dtype : 'float32';
  const data = new DTYPES[dtype].array(size * slices.length);
  slices.forEach((slice, n) => {
    data.set((same ? slice.pixels : rescale(slice)) as never, n * size);
  });
  const scaling = same && (slope !== 1 || intercept !== 0) ? { slope, intercept } : undefined;
  return { array: wrapNdArray(dtype, shape, data, 'F'), scaling };
}

function rescale({ pixels, dtype, slope, intercept }: Slice): TypedArray {
  const values = castElements(pixels, dtype, 'float64') as Float64Array;
  return Float32Array.from(values, (value) => value * slope + intercept);
}
