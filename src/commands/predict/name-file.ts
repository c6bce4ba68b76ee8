import { EisenError, isEisenError } from '../../core/errors/error.js';
import type { ErrorCode } from '../../core/errors/table.js';
import type { NamedInput } from './inputs.js';

/** What is wrong with the bytes of one file. */
const FILE_CODES: readonly ErrorCode[] = [
  'IMAGE_FORMAT',
  'IMAGE_COMPRESSION',
  'NIFTI_INVALID',
  'DICOM_INVALID',
  'NPY_INVALID',
];

/** Who asks for a PNG of what is no picture most often wants to see a label map. */
export function hintAtOverlay(error: unknown, asked: readonly { readonly format: string | null }[]): unknown {
  if (!isEisenError(error) || error.code !== 'NOT_ACCEPTABLE' || !asked.some(({ format }) => format === 'png'))
    return error;
  const hint = 'A label map is drawn over its volume by --overlay picture.png.';
  return new EisenError(error.code, error.message, { ...error.details, hint, cause: error });
}

/**
 * An error about the bytes of an input with the name of the file that the caller gave: a worker knows the field only. Any
 * other error as it is.
 */
export function nameFile(error: unknown, inputs: readonly NamedInput[]): unknown {
  if (!isEisenError(error) || !FILE_CODES.includes(error.code)) return error;
  const { message, details } = error;
  const input =
    inputs.find(({ name }) => message.includes(` ${name}: `)) ?? (inputs.length === 1 ? inputs[0] : undefined);
  if (input === undefined) return error;
  const mark = ` ${input.name}: `;
  const at = message.indexOf(mark);
  const what = at < 0 ? message : message.slice(at + mark.length);
  const hint = details.hint ?? (details.expected === undefined ? undefined : `These are read: ${details.expected}.`);
  return new EisenError(error.code, `${input.value}: ${what}`, {
    ...details,
    where: input.value,
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}
