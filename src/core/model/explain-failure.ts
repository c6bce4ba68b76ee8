import { EisenError, isEisenError } from '../errors/error.js';
import type { NdArray } from '../tensor/ndarray.js';
import type { NameBinding } from './bind-names.js';

interface Failure {
  readonly error: unknown;
  /** What the graph was fed, by its own names. */
  readonly feeds: ReadonlyMap<string, NdArray>;
  readonly binding: NameBinding;
}

/** What the engine says when lengths of axes do not go together. */
const SHAPE_WORDS = /mismatch|dimension|broadcast|\bshape|must match|incompatible/i;

/**
 * A run that failed on the shapes of its inputs becomes MODEL_SHAPES, which names each input with its shape: when the
 * engine says so, or when axes that the graph calls by one name differ in length. Any other error stays what it is.
 */
export function explainFailure({ error, feeds, binding }: Failure): unknown {
  if (!isEisenError(error) || error.code !== 'MODEL_FAILED') return error;
  const differing = findDifferingAxis(feeds, binding);
  if (differing === undefined && !SHAPE_WORDS.test(error.message)) return error;
  const shapes = binding.inputs.map(({ field, value }) => `${field} [${feeds.get(value.name)!.shape.join(', ')}]`);
  const axis = differing === undefined ? '' : ` (axis '${differing}' differs)`;
  const reason = error.message.replace(/^The model failed on this input: /, '');
  return new EisenError('MODEL_SHAPES', `The model failed on ${shapes.join(', ')}${axis}: ${reason}`, {
    found: shapes.join(', '),
    hint: hintAt(shapes.length),
    cause: error,
  });
}

function hintAt(inputs: number): string {
  if (inputs === 1) {
    return 'The shape is that after pre-processing. Most often the layers of the model cannot divide a length: PadToMultiple helps.';
  }
  return 'The shapes are those after pre-processing. Do the scans lie on one grid? ResampleToReference in the chain brings them there.';
}

/** The name of a free axis that stands for several lengths at once. */
function findDifferingAxis(feeds: Failure['feeds'], { inputs }: NameBinding): string | undefined {
  const lengths = new Map<string, number>();
  for (const { value } of inputs) {
    const { shape } = feeds.get(value.name)!;
    for (const [axis, symbol] of value.symbols.entries()) {
      if (symbol === null || symbol === '') continue;
      const length = shape[axis]!;
      if ((lengths.get(symbol) ?? length) !== length) return symbol;
      lengths.set(symbol, length);
    }
  }
  return undefined;
}
