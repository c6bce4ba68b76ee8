import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { EisenError } from '../../errors/error.js';
import type { ChainContext } from '../definition.js';
import { cannot } from '../values.js';

/** True when `target` is `folder` or lies in it. */
export function liesWithin(folder: string, target: string): boolean {
  const way = path.relative(folder, target);
  return way === '' || (way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way));
}

/**
 * The bytes of a file that a field names. Only on a local run that was given a data folder, and only from within it: the
 * name may come from a chain inside an archive. Throws TRANSFORM_FAILED otherwise, FILE_NOT_FOUND when it is not there.
 */
export async function readDataFile(
  name: string,
  field: string,
  { dataDir }: ChainContext,
): Promise<{ bytes: Uint8Array; name: string }> {
  if (dataDir === undefined)
    throw cannot(field, 'it names a file, and this run reads no files; send the bytes of the file instead.');
  let target: string;
  let root: string;
  try {
    [root, target] = await Promise.all([realpath(dataDir), realpath(path.resolve(dataDir, name))]);
  } catch (cause) {
    throw new EisenError('FILE_NOT_FOUND', `field '${field}': there is no file '${name}' in the data folder.`, {
      where: field,
      found: name,
      cause,
    });
  }
  if (!liesWithin(root, target)) throw cannot(field, `'${name}' is outside the data folder.`);
  return { bytes: await readFile(target), name: path.basename(target) };
}
