import { EisenError } from '../errors/error.js';
import type { Metadata, TensorDescription } from './metadata.js';

/**
 * Builds Eisen's metadata dictionary; the nine arguments and the key order of the result are those of the Python
 * `create_metadata`.
 *
 * @param shapes one list of axis lengths per name; -1 is a free axis.
 * @param modelInputList names the model takes, in its order; all input names when left out.
 * @param modelOutputList names of the model's outputs, in its order; all output names when left out.
 * @throws METADATA_INVALID when the lists of inputs, or those of outputs, are not of one length.
 */
export function createMetadata(
  inputNameList: readonly string[],
  inputTypeList: readonly string[],
  inputShapeList: readonly (readonly number[])[],
  outputNameList: readonly string[],
  outputTypeList: readonly string[],
  outputShapeList: readonly (readonly number[])[],
  modelInputList: readonly string[] = inputNameList,
  modelOutputList: readonly string[] = outputNameList,
  customMetaDict: Readonly<Record<string, unknown>> = {},
): Metadata {
  return {
    inputs: describe('input', inputNameList, inputTypeList, inputShapeList),
    outputs: describe('output', outputNameList, outputTypeList, outputShapeList),
    model_input_list: [...modelInputList],
    model_output_list: [...modelOutputList],
    custom: { ...customMetaDict },
  };
}

function describe(
  what: 'input' | 'output',
  names: readonly string[],
  types: readonly string[],
  shapes: readonly (readonly number[])[],
): TensorDescription[] {
  if (names.length !== types.length || names.length !== shapes.length) {
    throw new EisenError(
      'METADATA_INVALID',
      `${what}s: ${names.length} names, ${types.length} types and ${shapes.length} shapes; expected one of each per ${what}.`,
      { where: `${what}s` },
    );
  }
  return names.map((name, index) => ({ name, type: types[index]!, shape: [...shapes[index]!] }));
}
