import type { DicomFile } from './dataset.js';
import { dicomError, unsupportedError } from './dicom-error.js';
import { readCount, readText } from './element-values.js';
import { TAG } from './tags.js';

/** How the pixels of a file are stored. */
export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly frames: number;
  readonly bitsAllocated: 8 | 16 | 32;
  readonly bitsStored: number;
  readonly signed: boolean;
  /** Samples lie plane after plane, not pixel after pixel. Meant for pixels that are not compressed, and RLE. */
  readonly planar: boolean;
  /** PhotometricInterpretation, such as MONOCHROME2. */
  readonly photometric: string;
}

/** Throws DICOM_INVALID for counts that cannot be, DICOM_UNSUPPORTED for pixels of another width than 8, 16 or 32 bits. */
export function readPixelFormat(file: DicomFile): PixelFormat {
  const { dataset, name } = file;
  const count = (tag: number, fallback?: number): number => {
    const value = readCount(dataset, tag, file) ?? fallback;
    if (value === undefined) throw dicomError(name, 'rows, columns or the bits of a pixel are not told');
    return value;
  };
  const bitsAllocated = count(TAG.bitsAllocated);
  const format = {
    rows: count(TAG.rows),
    columns: count(TAG.columns),
    samples: count(TAG.samples, 1),
    frames: Number(readText(dataset, TAG.frames) ?? '1'),
    bitsAllocated: bitsAllocated as 8 | 16 | 32,
    bitsStored: count(TAG.bitsStored, bitsAllocated),
    signed: count(TAG.pixelRepresentation, 0) === 1,
    planar: count(TAG.planar, 0) === 1,
    photometric: readText(dataset, TAG.photometric) ?? '',
  };
  if (![8, 16, 32].includes(bitsAllocated)) {
    throw unsupportedError(
      name,
      `a pixel has ${bitsAllocated} bits; expected 8, 16 or 32`,
      bitsAllocated === 1 ? 'Segmentations and overlays of one bit are no pictures to predict from.' : '',
    );
  }
  if (format.bitsStored < 1 || format.bitsStored > bitsAllocated) {
    throw dicomError(name, `${format.bitsStored} of ${bitsAllocated} bits are stored, which cannot be`);
  }
  if (!(format.rows > 0 && format.columns > 0 && Number.isSafeInteger(format.frames) && format.frames > 0)) {
    throw dicomError(name, `the picture is ${format.columns} × ${format.rows}, ${format.frames} frames`);
  }
  if (format.samples < 1 || format.samples > 4)
    throw dicomError(name, `a pixel has ${format.samples} samples; expected 1 to 4`);
  return format;
}

/** Samples of one frame. */
export function frameSamples({ rows, columns, samples }: PixelFormat): number {
  return rows * columns * samples;
}
