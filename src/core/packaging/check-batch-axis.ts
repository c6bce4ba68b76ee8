import { renderPlace } from '../errors/problem.js';
import { type Chain, type ChainStep, fieldsOf } from '../transforms/chain.js';
import { checkChain } from '../transforms/check-chain.js';
import type { FieldFacts } from '../transforms/field-ledger.js';
import type { PossibleShape } from '../transforms/possible-shapes.js';

/** Steps that read the channels of a prediction along their `axis`. */
const ALONG_CHANNELS = new Set(['Softmax', 'Argmax', 'RegionsToLabels']);

/** True when axis 0 of `now` still is the free or single first axis of the model's output. */
function isOnBatch(step: ChainStep, output: readonly number[], now: PossibleShape | undefined): boolean {
  const [batch] = output;
  if (now?.length !== output.length || output.length < 2 || (batch !== -1 && batch !== 1)) return false;
  const { axis } = step.params as { axis?: number };
  return axis === 0 || axis === -output.length;
}

/**
 * One warning for each model output whose channels are looked for along its batch axis: with a batch of one that
 * runs without an error and gives nothing but the first label. `start` are the fields that the chain begins with.
 */
export function warnOfBatchAxis(
  post: Chain,
  start: ReadonlyMap<string, FieldFacts>,
  outputs: ReadonlyMap<string, readonly number[]>,
): string[] {
  return [...outputs].flatMap(([name, output]) => {
    const at = post.steps.findIndex((step) => {
      const isReader = ALONG_CHANNELS.has(step.definition.name);
      return (isReader || step.definition.name === 'Transpose') && fieldsOf(step).includes(name);
    });
    const step = post.steps[at];
    // After a transposition the first axis may be any.
    if (step === undefined || step.definition.name === 'Transpose') return [];
    const { fields } = checkChain({ ...post, steps: post.steps.slice(0, at) }, start);
    if (!isOnBatch(step, output, fields.get(name)?.shapes?.shapes[0])) return [];
    const place = renderPlace(post.where, step.pointer);
    return [
      `${place} ${step.definition.name} works along axis 0 of '${name}', the batch axis of the model's output [${output.join(', ')}]. ` +
        'Put Squeeze with "axis": 0 before it, or give it "axis": 1.',
    ];
  });
}
