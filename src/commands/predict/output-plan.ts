import path from 'node:path';
import { EisenError } from '../../core/errors/error.js';
import { didYouMean } from '../../core/errors/nearest-name.js';
import { parseNamed } from '../options.js';
import { FORMATS, type Format } from './options.js';

/** Where one output goes. Without an ending the form of the reply decides it. */
export interface PlannedOutput {
  readonly name: string;
  readonly file: string;
  readonly needsEnding: boolean;
  /** The folder was named with a slash at its end: it is made when it is not there. */
  readonly makesFolder?: boolean;
  /** The form asked for, or null to leave it to the server. */
  readonly format: Format | null;
}

/** Stands for the picture among the outputs of the model until it is written; no graph names an output like this. */
export const OVERLAY_NAME = '\u0000overlay';

interface PlanRequest {
  /** Names of the outputs of the model, in its order. */
  readonly names: readonly string[];
  /** `--output` as given: `name=file`, a file for the only output, or a folder (ends in a slash, or is one). */
  readonly texts: readonly string[];
  readonly format: Format | null;
  /** Folder and stem of the first input. */
  readonly besides: { readonly folder: string; readonly stem: string };
  readonly isFolder: (file: string) => boolean;
  /** Outputs that a file of any ending may hold: texts, and what a chain alone makes. */
  readonly anyEnding?: readonly string[];
}

/** Decides what is written where, before anything is asked of a server. Throws USAGE. */
export function planOutputs({ names, texts, format, besides, isFolder, anyEnding = [] }: PlanRequest): PlannedOutput[] {
  const beside = (folder: string, name: string, makesFolder = false): PlannedOutput => ({
    name,
    file: path.join(folder, `${besides.stem}_${safeName(name)}`),
    needsEnding: true,
    format,
    ...(makesFolder ? { makesFolder } : {}),
  });
  if (texts.length === 0) return names.map((name) => beside(besides.folder, name));
  return texts.flatMap((text) => {
    const { name, value } = parseNamed(text);
    const named = name !== '' && (names.includes(name) || !/[/\\.]/.test(name));
    const file = named ? value : text;
    const hasSlash = file.endsWith('/') || file.endsWith(path.sep);
    if (hasSlash || isFolder(file)) {
      return (named ? [checkName(name, names)] : names).map((each) => beside(file, each, hasSlash));
    }
    if (named || names.length === 1) {
      const output = named ? checkName(name, names) : names[0]!;
      const form = formatOf(file, format);
      if (form === null && !anyEnding.includes(output)) throw refuseEnding(file);
      return [{ name: output, file, needsEnding: false, format: form }];
    }
    throw new EisenError('USAGE', `--output ${text}: the model has ${names.length} outputs: ${names.join(', ')}.`, {
      hint: `Say which one: --output ${names[0] ?? 'name'}=${text}, or name a folder.`,
    });
  });
}

function checkName(name: string, names: readonly string[]): string {
  if (names.includes(name)) return name;
  throw new EisenError(
    'USAGE',
    `--output ${name}: there is no such output; there are ${names.join(', ')}.${didYouMean(name, names)}`,
    { where: name, hint: 'Of a file with a = in its name write the path: ./NAME' },
  );
}

/** Forms of images and tables that are read here or elsewhere, and not written: such a file would not be what its name says. */
const NOT_WRITTEN = /\.(hdr|img|mha|mhd|nrrd|nhdr|npz|jpe?g|tiff?|bmp|dcm|mgz|csv|tsv|h5|hdf5|mat|zip)(\.gz)?$/i;

/** The form that the ending of a file asks for, null for one that says nothing; throws USAGE for one that is known and not written. */
function formatOf(file: string, format: Format | null): Format | null {
  if (format !== null) return format;
  if (/\.nii(\.gz)?$/i.test(file)) return 'nifti';
  if (NOT_WRITTEN.test(file)) throw refuseEnding(file);
  const form = path.extname(file).slice(1).toLowerCase();
  return Object.hasOwn(FORMATS, form) ? (form as Format) : null;
}

function refuseEnding(file: string): EisenError {
  const ending = NOT_WRITTEN.exec(file)?.[0] ?? path.extname(file);
  const hint =
    ending === ''
      ? 'A folder that shall be made ends in a slash.'
      : 'Name a .nii, .nii.gz, .npy, .json or .png file, or say what it shall be with --format.';
  const what =
    ending === '' ? 'a file without an ending does not say what it shall be' : `${ending} is not written here`;
  const expected = '.nii, .nii.gz, .npy, .json or .png';
  return new EisenError('USAGE', `--output ${file}: ${what}.`, { where: file, expected, hint });
}

/** A name that came from an archive or a server must not lead out of the folder. */
function safeName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '_');
}

const ENDINGS: Readonly<Record<string, string>> = {
  'application/x-nifti': '.nii.gz',
  'application/x-nifti+gzip': '.nii.gz',
  'application/x-npy': '.npy',
  'application/json': '.json',
  'image/png': '.png',
  'text/plain': '.txt',
};

/** The file of an output, now that the form of its bytes is known. */
export function finalFile(output: PlannedOutput, contentType: string): string {
  return output.needsEnding ? `${output.file}${ENDINGS[contentType] ?? '.bin'}` : output.file;
}
