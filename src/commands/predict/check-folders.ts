import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { EisenError } from '../../core/errors/error.js';
import type { PlannedOutput } from './output-plan.js';

/** Throws FILE_NOT_FOUND for the first output whose folder cannot be written: before minutes of prediction, not after them. */
export async function checkFolders(plan: readonly PlannedOutput[]): Promise<void> {
  for (const folder of new Set(plan.map(({ file }) => path.dirname(file)))) {
    await access(folder, constants.W_OK).catch((cause: NodeJS.ErrnoException) => {
      const missing = cause.code === 'ENOENT';
      throw new EisenError(
        'FILE_NOT_FOUND',
        `--output: ${folder}: ${missing ? 'there is no such folder' : `the folder cannot be written (${cause.code})`}.`,
        { where: folder, hint: missing ? 'Create it, or name another.' : 'Name another folder with --output.', cause },
      );
    });
  }
}
