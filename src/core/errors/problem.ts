import type { ErrorCode } from './table.js';

/** One thing wrong in a document that a person wrote. Checks collect all of them instead of stopping at the first. */
export interface Problem {
  readonly code: ErrorCode;
  /** RFC 6901 pointer into the document; '' is the whole of it. */
  readonly pointer: string;
  /** `12:5`, line and column, of what is no JSON and therefore has no pointer. */
  readonly place?: string;
  readonly message: string;
  readonly expected?: string;
  readonly found?: string;
  readonly hint?: string;
}

/** One more step of a JSON pointer, escaped. */
export function appendPointer(pointer: string, step: string | number): string {
  return `${pointer}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** A place inside of a document: `chain.json#/Transforms/2/params`, the fragment form of RFC 6901; the document alone for its whole. */
export function renderPlace(document: string, pointer: string): string {
  return pointer === '' ? document : `${document}#${pointer}`;
}

/** One line a problem, for a person: where in the document, what, and what to do. */
export function renderProblem(problem: Problem, document: string): string {
  const hint = problem.hint === undefined ? '' : ` ${problem.hint}`;
  const place = problem.place === undefined ? '' : `:${problem.place}`;
  return `${renderPlace(document, problem.pointer)}${place}: ${problem.message}${hint}`;
}
