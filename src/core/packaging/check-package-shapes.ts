import { appendPointer } from '../errors/problem.js';
import { ARRAY_TYPES } from '../metadata/field-types.js';
import type { TensorDescription } from '../metadata/metadata.js';
import type { OnnxGraph } from '../onnx/graph.js';
import { type FieldFacts, UNKNOWN_FIELD } from '../transforms/field-ledger.js';
import { declaredShape, fitsShape, type PossibleShapes, renderShape } from '../transforms/possible-shapes.js';
import type { PackageParts, PackageProblem } from './package-parts.js';

const isSame = (one: readonly number[], other: readonly number[] | null | undefined): boolean =>
  one.length === other?.length && one.every((axis, n) => axis === other[n]);

/** Metadata that only repeats what the graph says describes the model, not what a client sends or gets. */
const repeatsGraph = (values: OnnxGraph['inputs'], { shape }: TensorDescription): boolean =>
  values.some((value) => isSame(shape, value.shape));

/** The inputs whose description somebody wrote, not the graph. */
export function describedInputs({ graph, metadata }: PackageParts): TensorDescription[] {
  return metadata.inputs.filter((input) => !repeatsGraph(graph.inputs, input));
}

/** What is known of the fields of a request: bytes or arrays, which know no place; arrays have the declared shape. */
export function requestFacts({ graph, metadata }: PackageParts): Map<string, FieldFacts> {
  const facts = metadata.inputs.map((input): [string, FieldFacts] => {
    const request: FieldFacts = { ...UNKNOWN_FIELD, geometry: 'none', isRequest: true };
    if (!ARRAY_TYPES.includes(input.type) || input.shape.length === 0) return [input.name, request];
    const isOpen = repeatsGraph(graph.inputs, input);
    return [input.name, { ...request, shapes: { shapes: [declaredShape(input.shape)], isOpen } }];
  });
  return new Map(facts);
}

/** Whether a file with fewer axes than the likeliest one fits: a picture where a volume does not. */
function fitsPicture({ shapes, isOpen }: PossibleShapes, wanted: readonly number[]): boolean {
  const most = shapes[0]?.length ?? 0;
  // A series has more axes than a volume; that one is meant is no likelier than that a step is missing.
  return isOpen && shapes.some((shape) => shape.length <= most && fitsShape(shape, wanted));
}

/**
 * Holds what the chain gives against what the graph takes: a problem when no shape fits that can come, a warning when the
 * likeliest one does not.
 */
export function checkFeeds(
  { graph, metadata, pre }: PackageParts,
  { feeds, fields }: { readonly feeds: readonly string[]; readonly fields: ReadonlyMap<string, FieldFacts> },
  problems: PackageProblem[],
  warnings: string[],
): void {
  for (const [n, name] of feeds.entries()) {
    const wanted = (graph.inputs.find((input) => input.name === name) ?? graph.inputs[n])?.shape;
    const known = fields.get(name)?.shapes;
    const first = known?.shapes[0];
    if (wanted === undefined || wanted === null || known === undefined || first === undefined) continue;
    if (fitsShape(first, wanted) || fitsPicture(known, wanted)) continue;
    const takes = `the model takes [${wanted.join(', ')}]`;
    const hint = fitsShape([1, ...first], wanted) ? 'Is AddBatchDimension missing at the end of the chain?' : undefined;
    if (pre.steps.length === 0) {
      const index = metadata.inputs.findIndex((input) => input.name === name);
      const pointer = appendPointer(appendPointer('/inputs', index), 'shape');
      const message = `the shape of '${name}' is [${metadata.inputs[index]?.shape.join(', ')}]; ${takes}.`;
      problems.push({ document: 'metadata.json', code: 'METADATA_INVALID', pointer, message });
    } else if (known.isOpen || known.shapes.some((shape) => fitsShape(shape, wanted))) {
      const tail = hint === undefined ? '' : ` ${hint}`;
      warnings.push(`'${name}' has most likely the shape ${renderShape(first)} after pre-processing; ${takes}.${tail}`);
    } else {
      const message = `'${name}' has the shape ${renderShape(first)} after the chain; ${takes}.`;
      problems.push({
        ...{ document: 'pre-processing', code: 'CHAIN_INVALID', pointer: '', message },
        ...(hint === undefined ? {} : { hint }),
      });
    }
  }
}

/** Warns of an array in the reply that has another number of axes than its metadata promises. */
export function checkReply(
  { graph }: PackageParts,
  output: TensorDescription,
  { shapes }: FieldFacts,
  warnings: string[],
): void {
  const isPromise =
    ARRAY_TYPES.includes(output.type) && output.shape.length > 0 && !repeatsGraph(graph.outputs, output);
  if (!isPromise || shapes === undefined || shapes.isOpen) return;
  if (shapes.shapes.some((shape) => fitsShape(shape, output.shape))) return;
  const [first] = shapes.shapes;
  const promised = `[${output.shape.join(', ')}]`;
  warnings.push(
    `the metadata promises '${output.name}' as ${promised}; after post-processing it is ${renderShape(first!)}`,
  );
}
