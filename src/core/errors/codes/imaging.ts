import type { CodeRow } from '../code-row.js';

export const IMAGING_CODES = {
  NIFTI_INVALID: { http: 400, exit: 3, means: 'the file is not a valid NIfTI-1 or NIfTI-2 volume' },
  IMAGE_COMPRESSION: {
    http: 400,
    exit: 3,
    means: 'the compressed data of an image are damaged, cut off or longer than declared',
  },
  DICOM_INVALID: { http: 400, exit: 3, means: 'a DICOM file is damaged or contradicts itself' },
  DICOM_SERIES: {
    http: 400,
    exit: 3,
    means: 'the DICOM files make no regular volume: planes missing, doubled, tilted, turned, or of several series',
  },
  DICOM_UNSUPPORTED: {
    http: 400,
    exit: 3,
    means: 'the DICOM file is compressed or built in a way that is not read here',
  },
  IMAGE_FORMAT: { http: 400, exit: 3, means: 'the image format is not recognised or not supported' },
  GEOMETRY: { http: 400, exit: 3, means: 'the geometry of the volume is missing, damaged or does not fit' },
} as const satisfies Record<string, CodeRow>;
