import { askIfMeant, nearestName } from '../errors/nearest-name.js';
import { appendPointer, type Problem } from '../errors/problem.js';
import { renderFound } from '../errors/refuse-problems.js';
import { KNOWN_TYPES, meantType, PLAIN_TYPES } from './field-types.js';

type Json = Record<string, unknown>;

export const TOP_KEYS: readonly string[] = ['inputs', 'outputs', 'model_input_list', 'model_output_list', 'custom'];
export const FIELD_KEYS: readonly string[] = ['name', 'type', 'shape', 'dtype'];
const KNOWN_KEYS = [...TOP_KEYS, ...FIELD_KEYS];

type Add = (pointer: string, found: unknown, expected: string, hint?: string) => void;

/**
 * Everything that is wrong with a metadata dictionary, each with its JSON pointer. Unknown keys are fine, and so are
 * empty lists; what is named must be well formed and agree with itself.
 */
export function checkMetadata(json: unknown): Problem[] {
  const problems: Problem[] = [];
  const add: Add = (pointer, value, expected, hint) => {
    const found = renderFound(value);
    const message = `found ${found}; expected ${expected}.`;
    const problem = { code: 'METADATA_INVALID', pointer, message, expected, found } as const;
    problems.push(hint === undefined ? problem : { ...problem, hint });
  };
  if (!isObject(json)) {
    add('', json, 'a JSON object');
    return problems;
  }
  checkDescriptions(json['inputs'], '/inputs', withSlips(json, 'inputs', add));
  checkDescriptions(json['outputs'], '/outputs', withSlips(json, 'outputs', add));
  checkNameList(json['model_input_list'], '/model_input_list', add);
  checkNameList(json['model_output_list'], '/model_output_list', add);
  return problems;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where `key` is missing, a key that nearly is it was meant for it. */
function withSlips(object: Json, key: string, add: Add): Add {
  if (Object.hasOwn(object, key)) return add;
  const slip = Object.keys(object).find((other) => !KNOWN_KEYS.includes(other) && nearestName(other, [key]) === key);
  if (slip === undefined) return add;
  return (pointer, found, expected) => add(pointer, found, expected, `There is '${slip}': did you mean '${key}'?`);
}

function checkDescriptions(value: unknown, pointer: string, add: Add): void {
  if (!Array.isArray(value)) {
    add(pointer, value, 'a list of {name, type, shape}');
    return;
  }
  const names = new Set<string>();
  value.forEach((item: unknown, index) => {
    const at = appendPointer(pointer, index);
    if (!isObject(item)) {
      add(at, item, 'an object {name, type, shape}');
      return;
    }
    checkName({
      value: item['name'],
      pointer: appendPointer(at, 'name'),
      names,
      add: withSlips(item, 'name', add),
    });
    checkType(item['type'], appendPointer(at, 'type'), withSlips(item, 'type', add));
    checkShape(item, appendPointer(at, 'shape'), withSlips(item, 'shape', add));
  });
}

function checkName(name: { value: unknown; pointer: string; names: Set<string>; add: Add }): void {
  const { value, pointer, names, add } = name;
  if (typeof value !== 'string' || value === '') add(pointer, value, 'a name');
  else if (names.has(value)) add(pointer, value, 'every name once');
  else names.add(value);
}

function checkType(value: unknown, pointer: string, add: Add): void {
  if (typeof value === 'string' && KNOWN_TYPES.includes(value)) return;
  const meant = typeof value === 'string' ? (meantType(value) ?? nearestName(value, KNOWN_TYPES)) : undefined;
  add(pointer, value, `one of ${KNOWN_TYPES.join(', ')}`, askIfMeant(meant));
}

/** A shape is a list of axis lengths; texts, lists and JSON may give one length or none, as the wild does. */
function checkShape(item: Json, pointer: string, add: Add): void {
  const value = item['shape'];
  if (!Array.isArray(value)) {
    const plain = PLAIN_TYPES.includes(String(item['type']));
    const free = plain && (value === undefined || value === null || Number.isSafeInteger(value));
    if (!free) add(pointer, value, 'a list of axis lengths, -1 for a free axis');
    return;
  }
  value.forEach((axis: unknown, index) => {
    if (Number.isSafeInteger(axis) && ((axis as number) >= 1 || axis === -1)) return;
    add(appendPointer(pointer, index), axis, 'a whole number from 1, or -1 for a free axis');
  });
}

/** Names of fields that the model takes or gives: the chains may make them, so they need not be declared above. */
function checkNameList(value: unknown, pointer: string, add: Add): void {
  if (value === undefined) return;
  if (!Array.isArray(value)) {
    add(pointer, value, 'a list of names');
    return;
  }
  const names = new Set<string>();
  value.forEach((name: unknown, index) => {
    checkName({ value: name, pointer: appendPointer(pointer, index), names, add });
  });
}
