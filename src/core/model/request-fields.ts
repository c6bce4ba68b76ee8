import { EisenError } from '../errors/error.js';
import type { Metadata } from '../metadata/metadata.js';
import type { Fields } from '../tensor/value.js';

function modelInputs(metadata: Metadata): readonly string[] {
  const listed = metadata.model_input_list;
  return listed !== undefined && listed.length > 0 ? listed : metadata.inputs.map(({ name }) => name);
}

/**
 * True when a dictionary is no prediction: a model input is missing and so is a declared input. The original then sends
 * its metadata with status 200, and clients rely on it.
 */
export function asksForMetadata(fields: Fields, metadata: Metadata): boolean {
  if (metadata.inputs.length === 0) return modelInputs(metadata).some((name) => !fields.has(name));
  if (metadata.inputs.every(({ name }) => fields.has(name))) return false;
  return modelInputs(metadata).some((name) => !fields.has(name));
}

/** The declared inputs and nothing else, in their order. Throws MODEL_INPUT for one that is absent. */
export function keepDeclaredInputs(fields: Fields, metadata: Metadata): Fields {
  if (metadata.inputs.length === 0) return fields;
  const kept: Fields = new Map();
  for (const { name } of metadata.inputs) {
    const value = fields.get(name);
    if (value === undefined) {
      throw new EisenError(
        'MODEL_INPUT',
        `${name}: the input is missing; there are ${[...fields.keys()].join(', ')}.`,
        {
          where: name,
          expected: metadata.inputs.map((input) => input.name).join(', '),
          found: [...fields.keys()].join(', '),
        },
      );
    }
    kept.set(name, value);
  }
  return kept;
}

/** Exactly the declared outputs, in their order; everything that is left when none are declared. Throws OUTPUT_MISSING. */
export function declaredOutputs(fields: Fields, metadata: Metadata): Fields {
  if (metadata.outputs.length === 0) return fields;
  const outputs: Fields = new Map();
  for (const { name } of metadata.outputs) {
    const value = fields.get(name);
    if (value === undefined) {
      throw new EisenError(
        'OUTPUT_MISSING',
        `The chain left no output '${name}'; it left ${[...fields.keys()].join(', ')}.`,
        {
          where: 'post_process_tform.json',
          expected: name,
          found: [...fields.keys()].join(', '),
        },
      );
    }
    outputs.set(name, value);
  }
  return outputs;
}
