import { EisenError } from '../errors/error.js';
import type { OnnxGraph, OnnxValue } from '../onnx/graph.js';
import type { Metadata, TensorDescription } from './metadata.js';

/** Fields that a person describes: one of a graph's name replaces what the graph says, any other is added behind. */
export interface DescribedFields {
  readonly inputs?: readonly TensorDescription[];
  readonly outputs?: readonly TensorDescription[];
}

/**
 * Metadata from what a graph declares: names, shapes with -1 for every free axis, and the dtype as one more key of each
 * field. The model lists hold the graph's own names, in its order.
 *
 * @throws METADATA_INVALID when the graph does not even say how many axes a field has and nobody described it.
 */
export function inferMetadata(graph: OnnxGraph, described: DescribedFields = {}): Metadata {
  return {
    inputs: merge(graph.inputs, described.inputs ?? []),
    outputs: merge(graph.outputs, described.outputs ?? []),
    model_input_list: graph.inputs.map((value) => value.name),
    model_output_list: graph.outputs.map((value) => value.name),
    custom: {},
  };
}

function merge(values: readonly OnnxValue[], described: readonly TensorDescription[]): TensorDescription[] {
  const byName = new Map(described.map((field) => [field.name, field]));
  const own = values.map((value) => byName.get(value.name) ?? describeValue(value));
  const names = new Set(values.map((value) => value.name));
  return [...own, ...described.filter((field) => !names.has(field.name))];
}

/** A field as the graph has it; throws METADATA_INVALID when that does not even say how many axes. */
export function describeValue({ name, dtype, onnxType, shape }: OnnxValue): TensorDescription {
  if (shape === null) {
    throw new EisenError('METADATA_INVALID', `${name}: the graph does not say how many axes it has.`, {
      where: name,
      hint: `Describe it: ${name}:ndarray:-1,1 for two axes of which the first is free.`,
    });
  }
  return { name, type: 'ndarray', shape: [...shape], dtype: dtype ?? onnxType };
}
