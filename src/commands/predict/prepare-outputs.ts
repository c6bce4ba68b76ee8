import { access, constants, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { EisenError } from '../../core/errors/error.js';
import { refuseExisting, refuseSpecial } from '../write-file.js';
import { FORMATS } from './options.js';
import { finalFile, type PlannedOutput } from './output-plan.js';

/**
 * Looks at the places of the outputs before minutes of prediction, not after them: a folder named with a slash at its end is
 * made, every folder must take a file, no file may be there without `force`, and none may be an input or another output even
 * with it.
 *
 * @throws NOT_WRITABLE, FILE_EXISTS, USAGE (an output is an input or another output).
 */
export async function prepareOutputs(
  plan: readonly PlannedOutput[],
  { force, inputs }: { readonly force: boolean; readonly inputs: readonly string[] },
): Promise<void> {
  for (const folder of new Set(plan.map(({ file }) => path.dirname(file)))) {
    if (plan.some((output) => output.makesFolder && path.dirname(output.file) === folder)) await makeFolder(folder);
    await checkFolder(folder);
  }
  const places = new Set<string>();
  for (const output of plan) {
    const file = likelyFile(output);
    refuseShared(file, places);
    await refuseSpecial(file);
    await refuseInput(file, inputs);
    if (!force) await refuseExisting(file);
  }
}

/** Throws USAGE when another output goes into the same file: the later would take the place of the earlier. */
function refuseShared(file: string, places: Set<string>): void {
  const place = path.resolve(file);
  if (places.has(place)) {
    throw new EisenError('USAGE', `--output ${file}: two results would go into this one file.`, {
      where: file,
      hint: 'Name a file of its own for each result.',
    });
  }
  places.add(place);
}

/** Where the form is left to the server it most often is a volume; what came is looked at once more before it is written. */
function likelyFile(output: PlannedOutput): string {
  return finalFile(output, FORMATS[output.format ?? 'nifti']);
}

/** Throws USAGE when the place of an output is that of a file which is read, by whatever name: a scan must not be lost to its labels. */
export async function refuseInput(file: string, inputs: readonly string[]): Promise<void> {
  const there = await stat(file, { bigint: true }).catch(() => null);
  if (there === null) return;
  for (const input of inputs) {
    const given = await stat(input, { bigint: true }).catch(() => null);
    if (given === null || given.ino !== there.ino || given.dev !== there.dev) continue;
    throw new EisenError('USAGE', `--output ${file}: that is ${input}, which is read here and would be lost.`, {
      where: file,
      hint: 'Name another file; --force does not overwrite an input.',
    });
  }
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
