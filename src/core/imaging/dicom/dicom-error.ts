import { EisenError } from '../../errors/error.js';

/** A DICOM file or series that cannot be read: what is wrong, where, and what to do. */
export function dicomError(where: string, problem: string, hint?: string): EisenError {
  return new EisenError('DICOM_INVALID', `${where}: ${problem}.${hint ? ` ${hint}` : ''}`, { where, hint });
}
