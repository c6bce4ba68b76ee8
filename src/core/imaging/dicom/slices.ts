import type { TypedArray } from '../../tensor/dtype.js';
import type { Dataset, DicomFile } from './dataset.js';
import { dicomError } from './dicom-error.js';
import { firstItem, readDecimals, readText } from './element-values.js';
import { readPixelArray, readPixelFormat } from './pixels.js';
import { TAG } from './tags.js';

/** One plane of a series, its place in LPS+ millimetres, and its stored values row by row. */
export interface Slice {
  readonly file: string;
  readonly series: string;
  readonly rows: number;
  readonly columns: number;
  /** Centre of the first pixel. */
  readonly position: readonly number[];
  /** Direction cosines along a row (columns rising), then along a column. */
  readonly orientation: readonly number[];
  /** mm between rows, then between columns. */
  readonly pixelSpacing: readonly number[];
  /** Only for a series of one plane; never used to place planes. */
  readonly thickness: number | undefined;
  readonly slope: number;
  readonly intercept: number;
  readonly dtype: 'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32';
  readonly pixels: TypedArray;
}

/** True when the file holds a picture. */
export function hasPixels(file: DicomFile): boolean {
  return file.dataset.has(TAG.pixelData);
}

/** The planes of one file: one for a classic image, one a frame for an enhanced multi-frame one. Throws DICOM_INVALID. */
export function readSlices(file: DicomFile): Slice[] {
  const { dataset, name } = file;
  const format = readPixelFormat(file);
  if (format.samples !== 1) {
    throw dicomError(name, `a pixel has ${format.samples} samples (colour)`, 'Only grey-value series become volumes.');
  }
  const array = readPixelArray(file);
  const shared = firstItem(dataset, TAG.sharedGroups);
  const frames = dataset.get(TAG.frameGroups)?.items;
  const size = format.rows * format.columns;
  return Array.from({ length: format.frames }, (_, n) => {
    const groups = [frames?.[n], shared];
    const read = (tag: number, group: number, count: number): number[] | undefined =>
      findDecimals({ file, groups, tag, group, count });
    const position = read(TAG.position, TAG.planePositions, 3);
    const orientation = read(TAG.orientation, TAG.planeOrientations, 6);
    const pixelSpacing = read(TAG.pixelSpacing, TAG.pixelMeasures, 2);
    if (!position || !orientation || !pixelSpacing) {
      throw dicomError(
        name,
        `frame ${n + 1} does not say ${!position ? 'its position' : !orientation ? 'its orientation' : 'its pixel spacing'}`,
        'Without it no voxel can be placed.',
      );
    }
    if (!pixelSpacing.every((step) => step > 0))
      throw dicomError(name, `the pixel spacing is ${pixelSpacing.join(' × ')} mm`);
    const between = read(TAG.spacingBetweenSlices, TAG.pixelMeasures, 1)?.[0];
    return {
      file: name,
      series: readText(dataset, TAG.seriesUid) ?? '',
      rows: format.rows,
      columns: format.columns,
      ...{ position, orientation, pixelSpacing },
      thickness: between ?? read(TAG.sliceThickness, TAG.pixelMeasures, 1)?.[0],
      slope: read(TAG.slope, TAG.valueTransformations, 1)?.[0] ?? 1,
      intercept: read(TAG.intercept, TAG.valueTransformations, 1)?.[0] ?? 0,
      dtype: array.dtype as Slice['dtype'],
      pixels: array.data.subarray(n * size, (n + 1) * size),
    };
  });
}

interface Search {
  readonly file: DicomFile;
  readonly groups: readonly (Dataset | undefined)[];
  readonly tag: number;
  readonly group: number;
  readonly count: number;
}

/** A value of a frame: in the frame's own groups, then in the shared ones, then in the file itself. */
function findDecimals({ file, groups, tag, group, count }: Search): number[] | undefined {
  for (const level of groups) {
    const item = firstItem(level, group);
    const found = item && readDecimals(item, tag, { count, file });
    if (found) return found;
  }
  return readDecimals(file.dataset, tag, { count, file });
}
