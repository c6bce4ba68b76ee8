import { FORMATS } from './options.js';
import type { PlannedOutput } from './output-plan.js';

/** Left to the server: a volume where there is one, else an array, else JSON. */
const ANY_FORM = [FORMATS.nifti, FORMATS.npy, FORMATS.json];

/**
 * The Accept header for these outputs. Several outputs come as the parts of one multipart reply; the forms named behind it
 * are those of the parts, best first.
 */
export function acceptFor(outputs: readonly PlannedOutput[]): string {
  const asked = [...new Set(outputs.flatMap(formOf))];
  const forms = outputs.some(({ format }) => format === null) ? [...new Set([...asked, ...ANY_FORM])] : asked;
  const list = outputs.length > 1 ? ['multipart/mixed', ...forms] : forms;
  return list.map((form, index) => (index === 0 ? form : `${form};q=${Math.max(0.1, 1 - index / 10)}`)).join(', ');
}

/** A .nii file is asked for as it will lie there, so that nobody compresses what somebody else inflates again. */
function formOf({ format, file }: PlannedOutput): string[] {
  if (format === null) return [];
  return [format === 'nifti' && /\.nii$/i.test(file) ? 'application/x-nifti' : FORMATS[format]];
}
