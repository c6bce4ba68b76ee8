import { askIfMeant, nearestName } from '../errors/nearest-name.js';
import { appendPointer, type Problem } from '../errors/problem.js';
import { renderFound } from '../errors/refuse-problems.js';
import { ONNX_TYPES } from '../onnx/graph.js';
import { DTYPES } from '../tensor/dtype.js';
import { checkMetadata, FIELD_KEYS, TOP_KEYS } from './check-metadata.js';
import type { Metadata, TensorDescription } from './metadata.js';

/** What is wrong with metadata that somebody wrote for a package, and what only looks odd. */
export interface MetadataReview {
  readonly problems: readonly Problem[];
  /** Keys that look misspelt. */
  readonly slips: readonly Problem[];
  /** Names in the model lists that no field has. */
  readonly undeclared: readonly Problem[];
}

/** A graph's own words for what is no tensor: `metadata create --from` writes them. */
const NO_TENSOR_TYPES = ['sequence', 'map', 'sparse tensor', 'optional', 'unknown'];
const DTYPE_NAMES = Object.keys(DTYPES);
const DTYPE_WORDS: readonly string[] = [...new Set([...DTYPE_NAMES, ...ONNX_TYPES, ...NO_TENSOR_TYPES])];
const OTHER_DTYPE_WORDS: ReadonlyMap<string, string> = new Map([
  ['float', 'float32'],
  ['single', 'float32'],
  ['half', 'float16'],
  ['double', 'float64'],
  ['char', 'int8'],
  ['byte', 'uint8'],
  ['short', 'int16'],
  ['int', 'int32'],
  ['long', 'int64'],
  ['boolean', 'bool'],
]);

/**
 * Looks at metadata more closely than a reader of archives and replies does, who takes what the wild has: the dtypes must
 * exist, and keys that look misspelt or model lists that name no field are pointed out.
 */
export function reviewMetadata(json: unknown): MetadataReview {
  const problems = [...checkMetadata(json), ...checkDTypes(json, 'inputs'), ...checkDTypes(json, 'outputs')];
  if (problems.length > 0) return { problems, slips: [], undeclared: [] };
  const metadata = json as Metadata;
  return {
    problems,
    slips: [
      ...findMisspeltKeys(metadata, '', TOP_KEYS),
      ...findMisspeltFields(metadata.inputs, '/inputs'),
      ...findMisspeltFields(metadata.outputs, '/outputs'),
    ],
    undeclared: [...findUndeclared(metadata, 'input'), ...findUndeclared(metadata, 'output')],
  };
}

function checkDTypes(json: unknown, key: 'inputs' | 'outputs'): Problem[] {
  const fields = (json as { [key: string]: unknown } | null)?.[key];
  if (!Array.isArray(fields)) return [];
  return fields.flatMap((field: { dtype?: unknown } | null, index): Problem[] => {
    const dtype = field?.dtype;
    if (dtype === undefined || (typeof dtype === 'string' && DTYPE_WORDS.includes(dtype))) return [];
    const found = renderFound(dtype);
    const expected = `one of ${DTYPE_NAMES.join(', ')}`;
    const meant = typeof dtype === 'string' ? meantDType(dtype) : undefined;
    return [
      {
        code: 'METADATA_INVALID',
        pointer: appendPointer(appendPointer(`/${key}`, index), 'dtype'),
        message: `found ${found}; expected ${expected}.`,
        expected,
        found,
        hint: askIfMeant(meant),
      },
    ];
  });
}

/** `torch.float`, `np.int16`, `<f4` and the like by numpy's name. */
function meantDType(text: string): string | undefined {
  const word = text.toLowerCase().replace(/^.*\./, '');
  return OTHER_DTYPE_WORDS.get(word) ?? nearestName(word, DTYPE_NAMES);
}

function findMisspeltFields(fields: readonly TensorDescription[], pointer: string): Problem[] {
  return fields.flatMap((field, index) => findMisspeltKeys(field, appendPointer(pointer, index), FIELD_KEYS));
}

/** Unknown keys are kept and harmless, but one that nearly is a known key is a slip. */
function findMisspeltKeys(object: object, pointer: string, known: readonly string[]): Problem[] {
  return Object.keys(object).flatMap((key): Problem[] => {
    const meant = known.includes(key) ? undefined : nearestName(key, known);
    if (meant === undefined || Object.hasOwn(object, meant)) return [];
    const message = `the key '${key}' has no meaning here.`;
    return [
      {
        code: 'METADATA_INVALID',
        pointer: appendPointer(pointer, key),
        message,
        found: key,
        hint: askIfMeant(meant),
      },
    ];
  });
}

/** The chains may make what the model takes and gives, so that a name without a field is odd, not wrong. */
function findUndeclared(metadata: Metadata, what: 'input' | 'output'): Problem[] {
  const names = metadata[`${what}s`].map(({ name }) => name);
  return (metadata[`model_${what}_list`] ?? []).flatMap((name, index): Problem[] => {
    if (names.includes(name)) return [];
    const meant = nearestName(name, names);
    const maker = what === 'input' ? 'the pre-processing chain must make it' : 'only the post-processing chain sees it';
    return [
      {
        code: 'METADATA_INVALID',
        pointer: appendPointer(`/model_${what}_list`, index),
        message: `no ${what} is called '${name}'; ${maker}.`,
        found: renderFound(name),
        hint: askIfMeant(meant),
      },
    ];
  });
}
