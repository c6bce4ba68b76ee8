import { readdirSync } from 'node:fs';
import path from 'node:path';
import { EisenError } from '../core/errors/error.js';
import { nearestName } from '../core/errors/nearest-name.js';
import { systemCode } from '../core/files/file-error.js';

/** FILE_NOT_FOUND for a file that the command line names, with the near name in the same folder when there is one. */
export function missingFile(file: string, cause: unknown): EisenError {
  const code = systemCode(cause);
  if (code !== 'ENOENT') {
    return new EisenError('FILE_NOT_FOUND', `${file}: cannot be read${code === '' ? '' : ` (${code})`}.`, {
      where: file,
      cause,
    });
  }
  const near = nearestName(path.basename(file), neighbours(file));
  return new EisenError('FILE_NOT_FOUND', `${file}: there is no such file.`, {
    where: file,
    ...(near === undefined ? {} : { hint: `Did you mean ${path.join(path.dirname(file), near)}?` }),
    cause,
  });
}

function neighbours(file: string): string[] {
  try {
    return readdirSync(path.dirname(file));
  } catch {
    return [];
  }
}
