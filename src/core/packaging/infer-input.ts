import { EisenError } from '../errors/error.js';
import { describeValue } from '../metadata/infer-metadata.js';
import type { TensorDescription } from '../metadata/metadata.js';
import { type Chain, type ChainStep, fieldsOf } from '../transforms/chain.js';
import { type FieldFacts, UNKNOWN_FIELD } from '../transforms/field-ledger.js';
import { fitsShape, type PossibleShape } from '../transforms/possible-shapes.js';
import { FILE_CANDIDATES, type FileCandidate } from './file-candidates.js';
import { type FollowedPackage, followPackage, type ModelFields } from './follow-package.js';
import type { PackageParts } from './package-parts.js';

/** Axes that an array of a request is tried with. */
const MOST_AXES = 8;
/** Lengths that no graph has, one for each axis of the request: where one comes out, that axis went. */
const MARKS = Array.from({ length: MOST_AXES }, (_, n) => 1_000_003 + n);

interface InputRequest {
  readonly parts: Omit<PackageParts, 'metadata'>;
  readonly model: ModelFields;
  /** Every field of the request. */
  readonly entering: readonly string[];
  readonly note: (line: string) => void;
}

/** The chain without the reading of `name`, which has happened. */
function afterReading(pre: Chain, reader: ChainStep, name: string): Chain {
  const others = fieldsOf(reader).filter((field) => field !== name);
  const rest = { ...reader, params: { ...reader.params, fields: others } };
  return { ...pre, steps: pre.steps.flatMap((step) => (step !== reader ? step : others.length === 0 ? [] : rest)) };
}

/** What becomes of the package when this is known of one field of the request, and nothing of the others. */
function tryFacts(name: string, facts: FieldFacts, { parts, model, entering }: InputRequest): FollowedPackage {
  const start = new Map(entering.map((field) => [field, field === name ? facts : UNKNOWN_FIELD]));
  return followPackage(parts, model, start);
}

const countProblems = ({ before, after }: FollowedPackage): number => before.problems.length + after.problems.length;

/** Whether no step fails that passes a value nothing is known of, and every input of the graph can be fed. */
function fits(followed: FollowedPackage, base: FollowedPackage, { parts, model }: InputRequest): boolean {
  if (countProblems(followed) > countProblems(base)) return false;
  return model.feeds.every((feed, n) => {
    const wanted = parts.graph.inputs[n]?.shape ?? null;
    const known = followed.before.fields.get(feed)?.shapes;
    return (
      wanted === null || known === undefined || known.isOpen || known.shapes.some((shape) => fitsShape(shape, wanted))
    );
  });
}

const closed = (shape: PossibleShape): Pick<FieldFacts, 'shapes'> => ({ shapes: { shapes: [shape], isOpen: false } });

function inferFile(name: string, candidates: readonly FileCandidate[], request: InputRequest): TensorDescription {
  const base = tryFacts(name, { ...UNKNOWN_FIELD, kind: 'image' }, request);
  const fitting = candidates.filter(({ shape, geometry }) =>
    fits(tryFacts(name, { kind: 'image', geometry, ...closed(shape) }, request), base, request),
  );
  const { type, shape } = fitting[0] ?? candidates[0]!;
  // A chain that fails whatever comes is spoken of as such.
  if (fitting.length !== 1 && countProblems(base) === 0) {
    const others = fitting.slice(1).map((other) => other.words);
    const reason =
      fitting.length === 0
        ? 'no file fits the chains and the graph'
        : `the chains would take ${others.length > 1 ? `${others.slice(0, -1).join(', ')} or ` : ''}${others.at(-1)}, too`;
    request.note(
      `'${name}' is described as ${type} with ${shape.length} axes; ${reason}. If it is another, describe it: metadata create --input.`,
    );
  }
  return { name, type, shape: shape.map(() => -1) };
}

/** The length of each axis of the request: that of the graph's axis which it becomes. */
function lengthsOf(name: string, rank: number, request: InputRequest): number[] {
  const marks = MARKS.slice(0, rank);
  const facts = { kind: 'array', geometry: 'none', ...closed(marks) } as const;
  const { fields } = tryFacts(name, facts, request).before;
  return marks.map((mark) => {
    for (const [n, feed] of request.model.feeds.entries()) {
      const at = fields.get(feed)?.shapes?.shapes[0]?.indexOf(mark) ?? -1;
      if (at >= 0) return request.parts.graph.inputs[n]!.shape?.[at] ?? -1;
    }
    return -1;
  });
}

function inferArray(name: string, request: InputRequest): TensorDescription {
  const own = request.parts.graph.inputs.find((value) => value.name === name);
  const isTouched = request.parts.pre.steps.some((step) => fieldsOf(step).includes(name));
  if (own !== undefined && !isTouched) return describeValue(own);
  const base = tryFacts(name, { kind: 'array', geometry: 'none' }, request);
  const ranks = [...Array(MOST_AXES).keys()].filter((rank) =>
    fits(
      tryFacts(name, { kind: 'array', geometry: 'none', ...closed(new Array<null>(rank).fill(null)) }, request),
      base,
      request,
    ),
  );
  const [rank] = ranks;
  const dtype = own?.dtype === undefined || own.dtype === null ? {} : { dtype: own.dtype };
  if (rank !== undefined && ranks.length === 1)
    return { name, type: 'ndarray', shape: lengthsOf(name, rank, request), ...dtype };
  if (own === undefined) {
    throw new EisenError('METADATA_INVALID', `${name}: the chain does not tell how many axes it has.`, {
      where: name,
      hint: `Describe it: metadata create --input ${name}:ndarray:-1,1 for two axes of which the first is free.`,
    });
  }
  if (countProblems(base) === 0) {
    request.note(
      `'${name}' is described as the graph has it; the chain does not tell how many axes it has in a request.`,
    );
  }
  return describeValue(own);
}

/** What a client sends under this name: a file where the first step on it reads one, else an array. */
export function inferInput(name: string, request: InputRequest): TensorDescription {
  const { pre } = request.parts;
  const reader = pre.steps.find((step) => fieldsOf(step).includes(name));
  const candidates = reader === undefined ? undefined : FILE_CANDIDATES[reader.definition.name];
  if (reader === undefined || candidates === undefined) return inferArray(name, request);
  return inferFile(name, candidates, {
    ...request,
    parts: { ...request.parts, pre: afterReading(pre, reader, name) },
  });
}
