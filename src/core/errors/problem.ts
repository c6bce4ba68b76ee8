import type { ErrorCode } from './table.js';

/** One thing wrong in a document that a person wrote. Checks collect all of them instead of stopping at the first. */
export interface Problem {
  readonly code: ErrorCode;
  /** RFC 6901 pointer into the document; '' is the whole of it. */
  readonly pointer: string;
  readonly message: string;
  readonly expected?: string;
  readonly found?: string;
  readonly hint?: string;
}

/** One more step of a JSON pointer, escaped. */
export function appendPointer(pointer: string, step: string | number): string {
  return `${pointer}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** One line a problem, for a person: where, what, and what to do. */
export function renderProblem(problem: Problem): string {
  const where = problem.pointer === '' ? '' : `${problem.pointer}: `;
  return `${where}${problem.message}${problem.hint === undefined ? '' : ` ${problem.hint}`}`;
}
