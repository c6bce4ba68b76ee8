import { EisenError } from '../errors/error.js';
import { nearestName } from '../errors/nearest-name.js';
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

export const WARNING_HEADER = 'X-Eisen-Warning';
const LONGEST_LIST = 500;

/** Names as a header can carry them. */
function listNames(names: readonly string[]): string {
  const text = names.map((name) => JSON.stringify(name).replace(/[^\x20-\x7e]/g, '?')).join(', ');
  if (text === '') return 'no field';
  return text.length > LONGEST_LIST ? `${text.slice(0, LONGEST_LIST)} ...` : text;
}

function wantedNames(metadata: Metadata): readonly string[] {
  return metadata.inputs.length > 0 ? metadata.inputs.map(({ name }) => name) : modelInputs(metadata);
}

function compareNames(fields: Fields, metadata: Metadata): string {
  const found = [...fields.keys()];
  const missing = wantedNames(metadata).filter((name) => !fields.has(name));
  const near = missing.length === 1 ? didYouMeanIn(missing[0]!, found) : '';
  return `missing ${listNames(missing)}; found ${listNames(found)}${near}`;
}

/** Why a dictionary got the metadata and no prediction, for a person who looks at the headers. */
export function describeMissing(fields: Fields, metadata: Metadata): string {
  return `no prediction but the metadata: ${compareNames(fields, metadata)}`;
}

/** MODEL_INPUT for a dictionary that is no prediction, where the client takes no metadata in its place. */
export function refuseIncomplete(fields: Fields, metadata: Metadata): EisenError {
  return new EisenError('MODEL_INPUT', `inputs: ${compareNames(fields, metadata)}`, {
    where: 'inputs',
    expected: listNames(wantedNames(metadata)),
    found: listNames([...fields.keys()]),
  });
}

function didYouMeanIn(missing: string, found: readonly string[]): string {
  const nearest = nearestName(missing, found);
  return nearest === undefined ? '' : `; is ${listNames([nearest])} meant to be ${listNames([missing])}?`;
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
