import { ARRAY_TYPES } from '../metadata/field-types.js';
import type { TensorDescription } from '../metadata/metadata.js';
import { type Chain, fieldsOf } from '../transforms/chain.js';

/** True when the first step on a field decodes a file. */
export function decodesFile({ steps }: Chain, field: string): boolean {
  const first = steps.find((step) => fieldsOf(step).includes(field));
  return first?.definition.name === 'LoadImage';
}

/** Warns of inputs that are declared as arrays while the first step on them decodes a file: whoever sends the array is refused. */
export function warnOfArraysForFiles(pre: Chain, inputs: readonly TensorDescription[]): string[] {
  return inputs.flatMap(({ name, type }) => {
    if (!ARRAY_TYPES.includes(type) || !decodesFile(pre, name)) return [];
    return [
      `the metadata declares '${name}' as ${type}, but LoadImage takes the bytes of an image file there and refuses an array. ` +
        `Declare it by: eisen-deploy metadata create --from MODEL --pre-processing ${pre.where} (or --input ${name}:nifti:-1,-1,-1)`,
    ];
  });
}
