import { describeValue } from '../metadata/infer-metadata.js';
import type { TensorDescription } from '../metadata/metadata.js';
import type { OnnxValue } from '../onnx/graph.js';
import type { FieldFacts } from '../transforms/field-ledger.js';

interface OutputRequest {
  readonly name: string;
  /** What is known of it after post-processing. */
  readonly facts: FieldFacts;
  /** True when post-processing leaves it as the model gave it. */
  readonly isUntouched: boolean;
  /** The graph's output of this name. */
  readonly own: OnnxValue | undefined;
  readonly note: (line: string) => void;
}

/** The one shape that it can have, -1 for every length that depends on the data; null when the rules do not tell. */
function knownShape({ shapes }: FieldFacts): number[] | null {
  const [only, ...others] = shapes?.shapes ?? [];
  if (only === undefined || others.length > 0 || shapes?.isOpen === true) return null;
  return only.map((axis) => (typeof axis === 'number' ? axis : -1));
}

/** What a client gets under this name; nothing, with a note, for a value that neither chain nor graph describes. */
export function inferOutput({ name, facts, isUntouched, own, note }: OutputRequest): TensorDescription[] {
  if (isUntouched && own !== undefined) return [describeValue(own)];
  const shape = knownShape(facts);
  const dtype = facts.dtype === undefined ? {} : { dtype: facts.dtype };
  if (facts.kind === 'plain') return [{ name, type: 'json', shape: [-1] }];
  if (facts.isPicture === true) return [{ name, type: 'image', shape: [-1, -1, 3] }];
  if (facts.kind === 'image') {
    if (shape === null)
      note(`'${name}' is described as a volume of three axes; the chain does not tell how many it has.`);
    return [{ name, type: 'nifti', shape: shape ?? [-1, -1, -1], ...dtype }];
  }
  if (facts.kind === 'array' && shape !== null) return [{ name, type: 'ndarray', shape, ...dtype }];
  const hint = 'Describe it: metadata create --output.';
  if (own === undefined) {
    note(`'${name}' is left out: what post-processing makes of it is not known from the chain. ${hint}`);
    return [];
  }
  note(
    `'${name}' is described as the graph gives it: what post-processing makes of it is not known from the chain. ${hint}`,
  );
  return [describeValue(own)];
}
