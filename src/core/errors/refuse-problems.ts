import { EisenError } from './error.js';
import { type Problem, renderPlace, renderProblem } from './problem.js';

/** Throws one error that carries every problem, one a line (`file#/pointer: …`); does nothing when there is none. */
export function refuseProblems(problems: readonly Problem[], where: string): void {
  const first = problems[0];
  if (first === undefined) return;
  const lines = problems.map((problem) => renderProblem(problem, where));
  throw new EisenError(first.code, lines.join('\n'), {
    where: renderPlace(where, first.pointer),
    ...(first.expected === undefined ? {} : { expected: first.expected }),
    ...(first.found === undefined ? {} : { found: first.found }),
  });
}

/** A JSON value as a message shows it: never more than `limit` characters. */
export function renderFound(value: unknown, limit = 60): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
