import { EisenError, isEisenError } from '../errors/error.js';
import type { Plain } from '../tensor/value.js';
import { BUILTIN_GLOBALS } from './builtin-globals.js';
import { CHAIN_CLASSES, COMPOSE_CLASSES, DROPPED_ATTRIBUTES } from './chain-classes.js';
import { createParamWalk, toPlainParam } from './chain-params.js';
import { DILL_GLOBALS } from './dill-globals.js';
import { NUMPY_GLOBALS } from './numpy-globals.js';
import { NUMPY_TYPE_GLOBALS } from './numpy-type-globals.js';
import type { ClosedList } from './pickle-machine.js';
import { isNode, nameKind, type PickleValue } from './pickle-value.js';
import { readPickle } from './read-pickle.js';

/** One step of a JSON chain, in the form of eisen-cli's configurations. */
export interface RescuedStep {
  readonly type: string;
  readonly params: { readonly [name: string]: Plain };
}

const CHAIN_GLOBALS: ClosedList = new Map([
  ...BUILTIN_GLOBALS,
  ...NUMPY_GLOBALS,
  ...NUMPY_TYPE_GLOBALS,
  ...DILL_GLOBALS,
  ...[...CHAIN_CLASSES, ...COMPOSE_CLASSES].map((name) => [name, { instance: true }] as const),
]);

const MAX_NESTED_COMPOSES = 32;
const MAX_VISITS = 10_000;

const ADVICE =
  'Write the chain as JSON ([{"type": …, "params": …}, …]) and give it by --pre-processing or --post-processing, or serve ' +
  'the old archive by its own code: eisen-deploy serve --allow-archive-code --python <interpreter>.';

function cannot(where: string, what: string, cause?: unknown): EisenError {
  return new EisenError('LEGACY_CHAIN', `${where}: ${what}.`, { where, found: what, hint: ADVICE, cause });
}

/** Names what a refused global is in the words of the person who wrote the chain. */
function explain(where: string, error: EisenError): EisenError {
  const found = error.details.found ?? '';
  if (error.code !== 'PICKLE_REFUSED') return error;
  const closure = /^dill\.|__main__|_create_(function|code|type)/.test(found);
  const what = closure
    ? `the chain holds a lambda, a closure or a class of a script (${found}); that is code, not data`
    : `the chain needs ${found}, which is no transform of Eisen's`;
  return cannot(where, what, error);
}

function stepOf(where: string, node: PickleValue, at: string): RescuedStep {
  if (!isNode(node, 'instance')) throw cannot(where, `${at} is ${nameKind(node)}, not a transform`);
  const params: { [name: string]: Plain } = {};
  const entries = isNode(node.state, 'dict') ? node.state.entries : [];
  for (const [key, value] of entries) {
    if (typeof key !== 'string' || key.startsWith('__')) throw cannot(where, `${at} has an attribute without a name`);
    if (DROPPED_ATTRIBUTES.has(`${node.className}.${key}`)) continue;
    params[key] = toPlainParam(
      value,
      createParamWalk(() => cannot(where, `${at}: parameter '${key}' is ${nameKind(value)}`)),
    );
  }
  return { type: node.className, params };
}

interface Collection {
  readonly where: string;
  readonly steps: RescuedStep[];
  /** Composes and steps seen: a Compose shared through the memo is walked again each time. */
  visits: number;
}

function collectSteps(into: Collection, node: PickleValue, depth: number): void {
  const { where } = into;
  into.visits += 1;
  if (depth > MAX_NESTED_COMPOSES || into.visits > MAX_VISITS) throw cannot(where, 'the chain contains itself');
  if (!isNode(node, 'instance') || !COMPOSE_CLASSES.has(node.className)) {
    into.steps.push(stepOf(where, node, `step ${into.steps.length}`));
    return;
  }
  const entries = isNode(node.state, 'dict') ? node.state.entries : [];
  const steps = entries.find(([key]) => key === 'transforms')?.[1];
  if (!isNode(steps, 'list') && !isNode(steps, 'tuple')) throw cannot(where, 'a Compose without its transforms');
  for (const step of steps.items) collectSteps(into, step, depth + 1);
}

/**
 * Turns a chain that eisen-deploy pickled (plain pickle or dill) into the steps of a JSON chain, nested Composes
 * flattened, without running anything. Throws LEGACY_CHAIN for code and for classes that are not Eisen's,
 * PICKLE_INVALID for bytes that are no pickle.
 */
export function rescueChain(bytes: Uint8Array, where: string): RescuedStep[] {
  const collection: Collection = { where, steps: [], visits: 0 };
  try {
    collectSteps(collection, readPickle(bytes, { where, globals: CHAIN_GLOBALS }), 0);
  } catch (error) {
    throw isEisenError(error) ? explain(where, error) : error;
  }
  return collection.steps;
}
