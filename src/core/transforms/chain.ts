import { didYouMean } from '../errors/nearest-name.js';
import { appendPointer, type Problem } from '../errors/problem.js';
import { refuseProblems } from '../errors/refuse-problems.js';
import type { Plain } from '../tensor/value.js';
import type { TransformDefinition } from './definition.js';
import { findTransform, transformNames } from './registry.js';
import { parseStepParams } from './step-params.js';

export const CHAIN_FORMAT = 'eisen-chain/1';

/** One transform of a chain with its parsed parameters. */
export interface ChainStep {
  readonly definition: TransformDefinition;
  readonly params: { readonly [name: string]: unknown };
  /** The parameters as written. */
  readonly given: { readonly [name: string]: Plain };
  /** JSON pointer of the step in its document. */
  readonly pointer: string;
}

/** The fields that a step names under `fields`. */
export function fieldsOf({ params }: ChainStep): readonly string[] {
  return (params as { fields?: readonly string[] }).fields ?? [];
}

export interface Chain {
  /** The document it came from, for messages. */
  readonly where: string;
  readonly steps: readonly ChainStep[];
}

/**
 * Which lists of a chain document to take. `all`: Readers, Transforms and PostTransforms in a row. `pre`: Readers and
 * Transforms. `post`: PostTransforms where the document has them, or else Transforms: a file written for post-processing.
 */
export type ChainPart = 'all' | 'pre' | 'post';

export interface ParsedChain {
  readonly chain: Chain;
  readonly problems: Problem[];
}

const LIST_KEYS = ['Readers', 'Transforms', 'PostTransforms'] as const;
const OTHER_KEYS = ['format', 'compat', 'name', 'description', '$schema'] as const;
const STEP_KEYS = ['type', 'name', 'params'] as const;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const describeJson = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : typeof value;

function parseStep(json: unknown, pointer: string, problems: Problem[]): ChainStep | undefined {
  const refuse = (message: string, at = pointer, code: Problem['code'] = 'CHAIN_INVALID'): undefined => {
    problems.push({ code, pointer: at, message });
    return undefined;
  };
  if (!isRecord(json)) return refuse(`a step is ${describeJson(json)}; expected {"type": …, "params": {…}}.`);
  for (const key of Object.keys(json)) {
    if (!STEP_KEYS.some((known) => known === key))
      refuse(`a step has no key '${key}'.${didYouMean(key, STEP_KEYS)}`, appendPointer(pointer, key));
  }
  const type = json['type'] ?? json['name'];
  if (typeof type !== 'string') return refuse(`a step has no type; expected the name of a transform.`);
  const definition = findTransform(type);
  if (definition === undefined) {
    const bare = type.slice(type.lastIndexOf('.') + 1);
    return refuse(
      `there is no transform '${type}'.${didYouMean(bare, transformNames())}`,
      appendPointer(pointer, json['type'] === undefined ? 'name' : 'type'),
      'TRANSFORM_UNKNOWN',
    );
  }
  const written = Object.hasOwn(json, 'params') ? json['params'] : {};
  if (!isRecord(written)) {
    return refuse(`params is ${describeJson(written)}; expected an object.`, appendPointer(pointer, 'params'));
  }
  const params = parseStepParams({ definition, written, pointer: appendPointer(pointer, 'params'), problems });
  return params === undefined ? undefined : { definition, params, given: written as ChainStep['given'], pointer };
}

function parseSteps(list: unknown, pointer: string, problems: Problem[]): ChainStep[] {
  if (!Array.isArray(list)) {
    const message = `${pointer === '' ? 'the chain' : 'the list'} is ${describeJson(list)}; expected a list of steps.`;
    problems.push({ code: 'CHAIN_INVALID', pointer, message });
    return [];
  }
  return list.flatMap((entry, n) => parseStep(entry, appendPointer(pointer, n), problems) ?? []);
}

function listsOf(json: Record<string, unknown>, part: ChainPart, problems: Problem[]): (typeof LIST_KEYS)[number][] {
  const refuse = (pointer: string, message: string): void => {
    problems.push({ code: 'CHAIN_INVALID', pointer, message });
  };
  for (const key of Object.keys(json)) {
    if ([...LIST_KEYS, ...OTHER_KEYS].some((known) => known === key)) continue;
    refuse(
      appendPointer('', key),
      key === 'Inferer'
        ? 'an Inferer (sliding window) is not supported; the model is run once over the whole input.'
        : `a chain has no key '${key}'.${didYouMean(key, LIST_KEYS)}`,
    );
  }
  if (json['format'] !== undefined && json['format'] !== CHAIN_FORMAT)
    refuse('/format', `format is ${JSON.stringify(json['format'])}; expected '${CHAIN_FORMAT}'.`);
  if (json['compat'] !== undefined && json['compat'] !== 'eisen')
    refuse('/compat', `compat is ${JSON.stringify(json['compat'])}; expected 'eisen'.`);
  const present = LIST_KEYS.filter((key) => Object.hasOwn(json, key));
  if (present.length === 0 && problems.length === 0)
    refuse('', `the chain has none of the lists ${LIST_KEYS.join(', ')}.`);
  if (part === 'all') return present;
  if (part === 'post' && present.includes('PostTransforms')) return ['PostTransforms'];
  return present.filter((key) => key !== 'PostTransforms');
}

function isLoneStep(json: Record<string, unknown>): boolean {
  const hasList = LIST_KEYS.some((key) => Object.hasOwn(json, key));
  return !hasList && (Object.hasOwn(json, 'type') || Object.hasOwn(json, 'params'));
}

/** Every problem of a chain document, and the chain of its good steps. `json` is what a JSON reader gave: untrusted. */
export function readChain(json: unknown, where: string, part: ChainPart = 'all'): ParsedChain {
  const problems: Problem[] = [];
  if (!isRecord(json)) return { chain: { where, steps: parseSteps(json, '', problems) }, problems };
  if (isLoneStep(json)) {
    const message = 'it is one transform; expected a list of them.';
    const hint = 'Put it in brackets: [{"type": …, "params": {…}}]';
    return { chain: { where, steps: [] }, problems: [{ code: 'CHAIN_INVALID', pointer: '', message, hint }] };
  }
  const keys = listsOf(json, part, problems);
  const steps = keys.flatMap((key) => parseSteps(json[key], appendPointer('', key), problems));
  return { chain: { where, steps }, problems };
}

/** The chain of a document; throws the first problem's code with all problems in the message. */
export function parseChain(json: unknown, where: string, part: ChainPart = 'all'): Chain {
  const { chain, problems } = readChain(json, where, part);
  refuseProblems(problems, where);
  return chain;
}

/** The document that an archive keeps: one list, Eisen's own transforms by their Python path, parameters as written. */
export function renderChain(chain: Chain): { format: string; Transforms: Plain[] } {
  const steps = chain.steps.map(({ definition, given }) => ({
    type: definition.python ?? definition.name,
    params: { ...given },
  }));
  return { format: CHAIN_FORMAT, Transforms: steps };
}
