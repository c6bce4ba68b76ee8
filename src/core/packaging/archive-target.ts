import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { MODEL_NAME } from '../archive/manifest.js';
import type { ArchiveFormat } from '../archive/pack-archive.js';
import { EisenError } from '../errors/error.js';
import { asWriteError } from '../files/file-error.js';

const EXTENSION: Readonly<Record<ArchiveFormat, string>> = {
  default: '.mar',
  'zip-store': '.mar',
  tgz: '.tar.gz',
  'no-archive': '',
};

function checkModelName(name: string): void {
  if (MODEL_NAME.test(name)) return;
  throw new EisenError(
    'USAGE',
    `Model name contains special characters.\nThe allowed regular expression filter for model name is: ${MODEL_NAME.source}`,
    { where: '--model-name', found: name },
  );
}

export interface TargetOptions {
  readonly modelName: string;
  readonly exportPath: string;
  readonly format: ArchiveFormat;
  readonly force: boolean;
  /** Make a missing export path (after all checks), as newer archivers do. */
  readonly createExportPath?: boolean;
  readonly warn: (line: string) => void;
}

/** Where the archive will be. */
export interface ArchiveTarget {
  readonly path: string;
  /** FILE_EXISTS when something is there that may not be overwritten, in the archiver's words. */
  readonly obstacle: EisenError | null;
  /** Makes the folder when it is missing and says so, and what is overwritten: to be called when all else is right. */
  prepare(): Promise<void>;
}

/** Throws USAGE for a bad name or folder. */
export async function findTarget(options: TargetOptions): Promise<ArchiveTarget> {
  const { modelName, exportPath, format, force, createExportPath, warn } = options;
  checkModelName(modelName);
  const folder = await stat(exportPath).catch(() => null);
  const isMissing = folder === null && createExportPath === true;
  if (!isMissing && folder?.isDirectory() !== true) {
    throw new EisenError(
      'USAGE',
      `Given export-path ${exportPath} is not a directory. Point to a valid export-path directory.`,
      { where: '--export-path' },
    );
  }
  const target = path.join(exportPath, `${modelName}${EXTENSION[format]}`);
  const isThere = (await stat(target).catch(() => null)) !== null;
  return {
    path: target,
    obstacle:
      isThere && !force
        ? new EisenError(
            'FILE_EXISTS',
            `${target} already exists.\nPlease specify --force/-f option to overwrite the model archive output file.\nSee -h/--help for more details.`,
            { where: target },
          )
        : null,
    async prepare() {
      if (isMissing) {
        warn(`Export directory (${exportPath}) does not exist. Creating...`);
        await createFolder(exportPath);
      }
      if (isThere) warn(`Overwriting ${target} ...`);
    },
  };
}

/** Makes a folder and those above it; throws NOT_WRITABLE. */
async function createFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw asWriteError(error, folder);
  });
}
