import { EisenError, isEisenError } from '../errors/error.js';
import { asWriteError } from './file-error.js';

/** Makes something in the folder for temporary files; what the system says of that folder names TMPDIR, which mends it. */
export function inTemporaryFolder<T>(folder: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const told = asWriteError(error, folder);
    if (!isEisenError(told)) throw told;
    throw new EisenError(told.code, `the folder for temporary files: ${told.message}`, {
      ...told.details,
      hint: 'Set TMPDIR to a folder that is there, can be written and has room.',
      cause: error,
    });
  }
}
