import type { DType, TypedArray } from '../../tensor/dtype.js';
import type { Dataset, DicomFile } from './dataset.js';
import { dicomError, unsupportedError } from './dicom-error.js';
import { firstItem, readDecimals } from './element-values.js';
import { readPixelFormat } from './pixel-format.js';
import { openPixels } from './pixels.js';
import { TAG } from './tags.js';

/** One plane of a series. Places are in mm, LPS+. */
export interface Slice {
  readonly file: string;
  readonly rows: number;
  readonly columns: number;
  /** Middle of the first pixel. */
  readonly position: readonly number[];
  /** Direction cosines along a row (columns rising), then along a column. */
  readonly orientation: readonly number[];
  /** mm between rows, then between columns. */
  readonly pixelSpacing: readonly number[];
  /** Only for a series of one plane; never used to place planes. */
  readonly thickness: number | undefined;
  readonly slope: number;
  readonly intercept: number;
  readonly dtype: DType;
  /** Decodes the plane's stored values, row after row. */
  readonly readPixels: () => Promise<TypedArray>;
}

/** True when the file holds a picture. */
export function hasPixels({ dataset }: DicomFile): boolean {
  return dataset.has(TAG.pixelData) || dataset.has(TAG.floatPixels) || dataset.has(TAG.doublePixels);
}

/** True when the file says where at least one of its planes lies or how it is turned. */
export function isPlaced(file: DicomFile): boolean {
  const read = (group: number, tag: number): number[] | undefined =>
    findDecimals({ file, groups: groupsOf(file, 0), tag, group, count: tag === TAG.position ? 3 : 6 });
  return (
    read(TAG.planePositions, TAG.position) !== undefined || read(TAG.planeOrientations, TAG.orientation) !== undefined
  );
}

/**
 * The planes of one file: one for a classic image, one a frame for an enhanced multi-frame one. Throws DICOM_INVALID,
 * DICOM_UNSUPPORTED; the pixels themselves are only decoded later.
 */
export function readSlices(file: DicomFile): Slice[] {
  const { name } = file;
  const format = readPixelFormat(file);
  if (format.samples !== 1 || format.photometric === 'PALETTE COLOR') {
    throw unsupportedError(
      name,
      format.samples === 1 ? 'a pixel is an index into a palette' : `a pixel has ${format.samples} samples (colour)`,
      'Only grey-value series become volumes.',
    );
  }
  if (format.frames > 1 && !file.dataset.has(TAG.frameGroups)) {
    throw unsupportedError(
      name,
      `it has ${format.frames} frames and does not say where each of them lies`,
      'Only enhanced multi-frame files become volumes.',
    );
  }
  const { dtype, readFrame } = openPixels(file);
  return Array.from({ length: format.frames }, (_, n) => {
    const groups = groupsOf(file, n);
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
      file: format.frames > 1 ? `${name}, frame ${n + 1}` : name,
      rows: format.rows,
      columns: format.columns,
      ...{ position, orientation, pixelSpacing, dtype },
      thickness: between ?? read(TAG.sliceThickness, TAG.pixelMeasures, 1)?.[0],
      slope: read(TAG.slope, TAG.valueTransformations, 1)?.[0] ?? 1,
      intercept: read(TAG.intercept, TAG.valueTransformations, 1)?.[0] ?? 0,
      readPixels: () => readFrame(n),
    };
  });
}

type Groups = readonly (Dataset | undefined)[];

function groupsOf({ dataset }: DicomFile, frame: number): Groups {
  return [dataset.get(TAG.frameGroups)?.items?.[frame], firstItem(dataset, TAG.sharedGroups)];
}

interface Search {
  readonly file: DicomFile;
  readonly groups: Groups;
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
