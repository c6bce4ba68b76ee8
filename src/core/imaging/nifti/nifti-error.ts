import { EisenError } from '../../errors/error.js';

/** A damaged or refused NIfTI file: names the file, the field, its byte offset, what was expected and what was found. */
export function niftiError(problem: {
  file: string;
  field: string;
  offset?: number;
  found: string | number;
  expected: string;
  hint?: string;
}): EisenError {
  const { file, field, offset, found, expected, hint } = problem;
  const at = offset === undefined ? '' : ` (byte ${offset})`;
  const advice = hint ?? 'The header may be byte-swapped or damaged.';
  return new EisenError('NIFTI_INVALID', `${file}: ${field}${at} is ${found}; expected ${expected}. ${advice}`, {
    where: offset === undefined ? file : `${file}, byte ${offset}`,
    expected,
    found: String(found),
    hint: advice,
  });
}
