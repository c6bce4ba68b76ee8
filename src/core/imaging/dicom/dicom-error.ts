import { EisenError } from '../../errors/error.js';

type DicomCode = 'DICOM_INVALID' | 'DICOM_SERIES' | 'DICOM_UNSUPPORTED' | 'IMAGE_COMPRESSION';

function fail(code: DicomCode, where: string, problem: string, hint: string | undefined, cause?: unknown): EisenError {
  return new EisenError(code, `${where}: ${problem}.${hint ? ` ${hint}` : ''}`, { where, hint, cause });
}

/** A DICOM file that is damaged or contradicts itself. */
export function dicomError(where: string, problem: string, hint?: string): EisenError {
  return fail('DICOM_INVALID', where, problem, hint);
}

/** DICOM files, each good by itself, that make no regular volume together. */
export function seriesError(where: string, problem: string, hint?: string): EisenError {
  return fail('DICOM_SERIES', where, problem, hint);
}

/** A form of pixels or file that DICOM allows and that is not read here. */
export function unsupportedError(where: string, problem: string, hint: string): EisenError {
  return fail('DICOM_UNSUPPORTED', where, problem, hint);
}

/** Compressed pixels that cannot be decoded. */
export function compressionError(where: string, problem: string, cause?: unknown): EisenError {
  return fail('IMAGE_COMPRESSION', where, problem, 'The file is damaged or was cut off; fetch it again.', cause);
}
