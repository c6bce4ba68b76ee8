import type { ArrayValue, Fields, Value } from '../../src/core/tensor/value.js';
import { parseChain } from '../../src/core/transforms/chain.js';
import type { ChainContext } from '../../src/core/transforms/definition.js';
import { runChain } from '../../src/core/transforms/run-chain.js';

export type Step = readonly [string, Record<string, unknown>];

/** Runs transforms over fields and gives the fields that come out. */
export function runSteps(
  steps: readonly Step[],
  fields: Record<string, Value>,
  context?: ChainContext,
): Promise<Fields> {
  const chain = parseChain(
    steps.map(([type, params]) => ({ type, params })),
    'chain',
  );
  return runChain(chain, new Map(Object.entries(fields)), context);
}

/** The array that comes out as `image` when transforms run over a field of that name. */
export async function runOnImage(steps: readonly Step[], image: Value): Promise<ArrayValue> {
  const named = steps.map(([type, params]): Step => [type, { fields: ['image'], ...params }]);
  const value = (await runSteps(named, { image })).get('image')!;
  if (value.kind !== 'array') throw new Error(`image is ${value.kind}`);
  return value;
}
