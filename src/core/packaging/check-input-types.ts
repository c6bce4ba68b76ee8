import { ARRAY_TYPES } from '../metadata/field-types.js';
import type { TensorDescription } from '../metadata/metadata.js';
import type { Chain } from '../transforms/chain.js';

/** Warns of inputs that are declared as arrays while the first step on them decodes a file: whoever sends the array is refused. */
export function warnOfArraysForFiles(pre: Chain, inputs: readonly TensorDescription[]): string[] {
  return inputs.flatMap(({ name, type }) => {
    if (!ARRAY_TYPES.includes(type)) return [];
    const first = pre.steps.find(({ params }) => (params as { fields?: readonly string[] }).fields?.includes(name));
    if (first?.definition.name !== 'LoadImage') return [];
    return [
      `the metadata declares '${name}' as ${type}, but LoadImage takes the bytes of an image file there and refuses an array. ` +
        `Declare it by: eisen-deploy metadata create --from MODEL --pre-processing ${pre.where} (or --input ${name}:nifti:-1,-1,-1)`,
    ];
  });
}
