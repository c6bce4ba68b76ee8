import { EisenError } from '../errors/error.js';
import type { Metadata } from '../metadata/metadata.js';
import type { OnnxGraph, OnnxValue } from '../onnx/graph.js';

/** Which field feeds which graph input, and what each graph output is called among the fields. */
export interface NameBinding {
  readonly inputs: readonly { readonly field: string; readonly value: OnnxValue }[];
  readonly outputs: readonly { readonly field: string; readonly value: OnnxValue }[];
  /** What was guessed, for the log. */
  readonly warnings: readonly string[];
}

interface Side {
  readonly fields: readonly string[];
  readonly values: readonly OnnxValue[];
  readonly what: 'input' | 'output';
}

function fail(message: string): never {
  throw new EisenError('MODEL_LOAD_FAILED', message, {
    where: 'metadata.json',
    hint: 'Make the metadata again with: eisen-deploy metadata create --from model.onnx',
  });
}

function bind({ fields, values, what }: Side, warnings: string[]): { field: string; value: OnnxValue }[] {
  const byName = new Map(values.map((value) => [value.name, value]));
  const known = fields.filter((field) => byName.has(field));
  const names = values.map((value) => value.name).join(', ');
  if (known.length === fields.length && (what === 'output' || known.length === values.length)) {
    return fields.map((field) => ({ field, value: byName.get(field)! }));
  }
  const countsFit = what === 'input' ? fields.length === values.length : fields.length <= values.length;
  if (known.length > 0 || !countsFit) {
    return fail(
      `The metadata names the model ${what}s ${fields.join(', ') || '(none)'}; the graph has ${names || '(none)'}.`,
    );
  }
  warnings.push(`no model ${what} is called as in the graph: ${fields.join(', ')} taken by position for ${names}`);
  return fields.map((field, n) => ({ field, value: values[n]! }));
}

const listed = (list: unknown): list is readonly string[] => Array.isArray(list) && list.length > 0;

/**
 * Binds the names of `model_input_list` and `model_output_list` (else of `inputs` and `outputs`, else the graph's own) to
 * the graph: by name; by position, with a warning, when no name is known to the graph and the counts fit. Throws
 * MODEL_LOAD_FAILED when neither works.
 */
export function bindNames(metadata: Metadata, graph: OnnxGraph): NameBinding {
  const names = (list: unknown, described: Metadata['inputs'], values: readonly OnnxValue[]): readonly string[] => {
    if (listed(list)) return list;
    return described.length > 0 ? described.map(({ name }) => name) : values.map(({ name }) => name);
  };
  const warnings: string[] = [];
  const inputs = names(metadata.model_input_list, metadata.inputs, graph.inputs);
  const outputs = names(metadata.model_output_list, metadata.outputs, graph.outputs);
  return {
    inputs: bind({ fields: inputs, values: graph.inputs, what: 'input' }, warnings),
    outputs: bind({ fields: outputs, values: graph.outputs, what: 'output' }, warnings),
    warnings,
  };
}
