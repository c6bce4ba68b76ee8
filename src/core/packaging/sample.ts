import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { PackEntry } from '../archive/pack-content.js';
import { EisenError } from '../errors/error.js';
import { fileEntry } from './extra-files.js';

/** Folder of an archive that holds a request body and the reply that is expected for it. */
export const SAMPLE_FOLDER = 'sample';

const refuse = (where: string, message: string): EisenError =>
  new EisenError('USAGE', `${where}: ${message}`, { where: '--sample' });

/**
 * The entries of a sample: a folder with exactly one file called `input.*` (a request body in any accepted form) and one
 * called `expected.*` (the reply body); both keep their endings, which name their forms.
 */
export async function collectSample(folder: string): Promise<PackEntry[]> {
  const stats = await stat(folder).catch(() => null);
  if (stats?.isDirectory() !== true) throw refuse(folder, 'it is no folder with input.* and expected.*.');
  const names = (await readdir(folder)).sort();
  return Promise.all(
    ['input', 'expected'].map((stem) => {
      const found = names.filter((name) => name.split('.')[0] === stem);
      if (found.length !== 1) throw refuse(folder, `it holds ${found.length} files called ${stem}.*; expected one.`);
      return fileEntry(`${SAMPLE_FOLDER}/${found[0]}`, path.join(folder, found[0]!));
    }),
  );
}
