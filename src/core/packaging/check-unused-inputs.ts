import { checkChain } from '../transforms/check-chain.js';
import type { ModelFields } from './follow-package.js';
import type { PackageParts } from './package-parts.js';

/** Warns of inputs that every request has to bring and nobody looks at: neither a chain nor the model, and no output is called so. */
export function warnOfUnusedInputs(
  { metadata, pre, post }: Omit<PackageParts, 'graph'>,
  { feeds }: Pick<ModelFields, 'feeds'>,
): string[] {
  const used = new Set([
    ...checkChain(pre).reads,
    ...feeds,
    ...checkChain(post).reads,
    ...metadata.outputs.map(({ name }) => name),
  ]);
  return metadata.inputs.flatMap(({ name }) =>
    used.has(name)
      ? []
      : [
          `the metadata declares the input '${name}', which neither a chain nor the model reads, yet a request without it is refused: take it out of the inputs, or name it in a chain`,
        ],
  );
}
