import { access, constants, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { EisenError } from '../../core/errors/error.js';
import { refuseExisting } from '../write-file.js';
import { FORMATS } from './options.js';
import { finalFile, type PlannedOutput } from './output-plan.js';

/**
 * Looks at the places of the outputs before minutes of prediction, not after them: a folder named with a slash at its end is
 * made, every folder must take a file, and no file may be there without `force`.
 *
 * @throws NOT_WRITABLE, FILE_EXISTS.
 */
export async function prepareOutputs(plan: readonly PlannedOutput[], { force }: { force: boolean }): Promise<void> {
  for (const folder of new Set(plan.map(({ file }) => path.dirname(file)))) {
    if (plan.some((output) => output.makesFolder && path.dirname(output.file) === folder)) await makeFolder(folder);
    await checkFolder(folder);
  }
  if (force) return;
  for (const output of plan) await refuseExisting(likelyFile(output));
}

/** Where the form is left to the server it most often is a volume; what came is looked at once more before it is written. */
function likelyFile(output: PlannedOutput): string {
  return finalFile(output, FORMATS[output.format ?? 'nifti']);
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
    throw refuse(folder, `the folder cannot be made (${cause.code})`, 'Name another folder with --output.', cause);
  });
}

async function checkFolder(folder: string): Promise<void> {
  const there = await stat(folder).catch(() => null);
  if (there === null) {
    throw refuse(
      folder,
      'there is no such folder',
      'Create it, or name a folder with a slash at its end: that is made.',
    );
  }
  if (!there.isDirectory()) throw refuse(folder, 'that is no folder', 'Name another folder with --output.');
  await access(folder, constants.W_OK).catch((cause: NodeJS.ErrnoException) => {
    throw refuse(folder, `the folder cannot be written (${cause.code})`, 'Name another folder with --output.', cause);
  });
}

function refuse(folder: string, what: string, hint: string, cause?: unknown): EisenError {
  return new EisenError('NOT_WRITABLE', `--output: ${folder}: ${what}.`, { where: folder, hint, cause });
}
