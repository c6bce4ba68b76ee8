import { didYouMean } from '../errors/nearest-name.js';
import { appendPointer, type Problem } from '../errors/problem.js';
import type { TransformDefinition } from './definition.js';

export interface WrittenParams {
  readonly definition: TransformDefinition;
  readonly written: Readonly<Record<string, unknown>>;
  readonly pointer: string;
  /** Problems found are added here. */
  readonly problems: Problem[];
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value, (_key, entry: unknown) => (typeof entry === 'bigint' ? String(entry) : entry));
  return text === undefined ? 'nothing' : text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** The parameters as the transform wants them, defaults filled in; undefined when there was a problem. */
export function parseStepParams({ definition, written, pointer, problems }: WrittenParams) {
  const { name, params: table } = definition;
  const before = problems.length;
  const refuse = (at: string, message: string, details: { expected?: string; found?: string } = {}): void => {
    problems.push({ code: 'TRANSFORM_PARAM', pointer: at, message: `${name}: ${message}`, ...details });
  };
  for (const key of Object.keys(written)) {
    if (Object.hasOwn(table, key)) continue;
    const known = Object.keys(table);
    refuse(
      appendPointer(pointer, key),
      `there is no parameter '${key}'.${didYouMean(key, known) || ` It has: ${known.join(', ')}.`}`,
    );
  }
  const values: Record<string, unknown> = {};
  for (const [key, param] of Object.entries(table)) {
    if (!Object.hasOwn(written, key)) {
      if (param.default === undefined)
        refuse(pointer, `parameter '${key}' is missing; expected ${param.expected}.`, { expected: param.expected });
      values[key] = param.default;
      continue;
    }
    const found = shorten(written[key]);
    values[key] = param.read(written[key]);
    if (values[key] === undefined)
      refuse(appendPointer(pointer, key), `${key} is ${found}; expected ${param.expected}.`, {
        expected: param.expected,
        found,
      });
  }
  if (problems.length === before) {
    const together = definition.check?.(values);
    if (together !== undefined) refuse(pointer, together);
  }
  return problems.length === before ? values : undefined;
}
