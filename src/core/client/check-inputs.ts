import type { Problem } from '../errors/problem.js';
import { appendPointer } from '../errors/problem.js';
import { ARRAY_TYPES, FILE_TYPES } from '../metadata/field-types.js';
import type { Metadata, TensorDescription } from '../metadata/metadata.js';
import type { NdArray } from '../tensor/ndarray.js';
import type { Fields, PlainValue, Value } from '../tensor/value.js';

/**
 * Holds a batch against the `inputs` of the metadata: every declared field and no other, each of its type, arrays axis by
 * axis (-1 is free), lists and texts by their length when the first axis is fixed. The pointer names the field.
 */
export function checkInputs(fields: Fields, metadata: Metadata): Problem[] {
  const problems: Problem[] = [];
  const declared = metadata.inputs.map((input) => input.name);
  for (const input of metadata.inputs) {
    const pointer = appendPointer('', input.name);
    const value = fields.get(input.name);
    if (value === undefined) {
      const given = fields.size === 0 ? 'nothing' : [...fields.keys()].join(', ');
      problems.push(problem(pointer, 'a value of this name', given));
    } else problems.push(...checkField(value, input, pointer));
  }
  for (const name of fields.keys()) {
    if (declared.includes(name)) continue;
    const expected = declared.length === 0 ? 'no inputs at all' : `only ${declared.join(', ')}`;
    problems.push(problem(appendPointer('', name), expected, 'a field that the metadata does not name'));
  }
  return problems;
}

function problem(pointer: string, expected: string, found: string): Problem {
  return { code: 'INPUT_INVALID', pointer, message: `found ${found}; expected ${expected}.`, expected, found };
}

function checkField(value: Value, input: TensorDescription, pointer: string): Problem[] {
  if (ARRAY_TYPES.includes(input.type)) {
    if (value.kind === 'array') return checkAxes(value.array, input, pointer);
    return [problem(pointer, `an array of shape [${readShape(input).join(', ')}]`, kindOf(value))];
  }
  if (FILE_TYPES.includes(input.type)) {
    return value.kind === 'file' ? [] : [problem(pointer, `the bytes of a ${input.type} file`, kindOf(value))];
  }
  if (value.kind !== 'plain') return [problem(pointer, `a ${input.type}`, kindOf(value))];
  return checkPlain(value, input, pointer);
}

function checkAxes(array: NdArray, input: TensorDescription, pointer: string): Problem[] {
  const shape = readShape(input);
  if (array.shape.length !== shape.length) {
    const found = `${array.shape.length} axes, [${array.shape.join(', ')}]`;
    return [problem(pointer, `${shape.length} axes, [${shape.join(', ')}]`, found)];
  }
  return shape.flatMap((length, axis) => {
    if (length === -1 || array.shape[axis] === length) return [];
    return [problem(pointer, `${length} along axis ${axis} ([${shape.join(', ')}])`, `${array.shape[axis]}`)];
  });
}

function checkPlain({ value }: PlainValue, input: TensorDescription, pointer: string): Problem[] {
  if (input.type === 'json') return [];
  const right = input.type === 'str' ? typeof value === 'string' : Array.isArray(value);
  if (!right) return [problem(pointer, `a ${input.type}`, value === null ? 'null' : typeof value)];
  const length = (value as string | unknown[]).length;
  const expected = readShape(input)[0] ?? -1;
  if (expected === -1 || expected === length) return [];
  return [problem(pointer, `a ${input.type} of length ${expected}`, `length ${length}`)];
}

/** Texts and lists in the wild may carry one number, or nothing, where a list of axes belongs. */
function readShape(input: TensorDescription): readonly number[] {
  const shape: unknown = input.shape;
  if (Array.isArray(shape)) return shape as number[];
  return typeof shape === 'number' ? [shape] : [];
}

function kindOf(value: Value): string {
  if (value.kind === 'file') return 'a file';
  if (value.kind === 'plain') return Array.isArray(value.value) ? 'a list' : `a ${typeof value.value}`;
  return 'an array';
}
