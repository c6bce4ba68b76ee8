import { nearestName } from '../errors/nearest-name.js';
import { renderProblem } from '../errors/problem.js';
import { type DescribedFields, inferMetadata } from '../metadata/infer-metadata.js';
import type { Metadata, TensorDescription } from '../metadata/metadata.js';
import { checkChain } from '../transforms/check-chain.js';
import { requestFacts } from './check-package-shapes.js';
import { followPackage } from './follow-package.js';
import { inferInput } from './infer-input.js';
import { inferOutput } from './infer-output.js';
import type { PackageParts } from './package-parts.js';

export interface InferredMetadata {
  readonly metadata: Metadata;
  /** What graph and chains leave open, for the person who asked. */
  readonly notes: readonly string[];
}

/**
 * The fields that pre-processing and the model take from a request, those of the graph's names first, in its order. When
 * the graph takes every input from the request, a further name in the chain is no input but, most likely, a slip.
 */
function enteringFields({ graph, pre }: Omit<PackageParts, 'metadata'>): string[] {
  const { reads, fields } = checkChain(pre);
  const names = graph.inputs.map(({ name }) => name);
  const fed = names.filter((name) => reads.has(name) || !fields.has(name));
  if (fed.length === names.length) return fed;
  return [...fed, ...[...reads].filter((name) => !fed.includes(name))];
}

/**
 * Metadata of what travels: the fields that the pre-processing chain and the model take from a request and what the
 * post-processing chain leaves of the model's outputs, as far as the rules of the transforms tell. Where they do not,
 * the graph's word stands, and a note says so. Fields that are `described` are taken as they are.
 *
 * @throws METADATA_INVALID when neither a chain nor the graph says how many axes a field has and nobody described it.
 */
export function inferPackageMetadata(
  parts: Omit<PackageParts, 'metadata'>,
  described: DescribedFields = {},
): InferredMetadata {
  const { graph, pre, post } = parts;
  if (pre.steps.length === 0 && post.steps.length === 0)
    return { metadata: inferMetadata(graph, described), notes: [] };
  const notes: string[] = [];
  const note = (line: string): void => void notes.push(line);
  const entering = enteringFields(parts);
  const model = { feeds: graph.inputs.map(({ name }) => name), results: graph.outputs.map(({ name }) => name) };
  for (const name of entering) {
    const meant = model.feeds.includes(name) ? undefined : nearestName(name, model.feeds);
    if (meant !== undefined)
      note(`${pre.where} takes '${name}' from the request; the graph has '${meant}'. Is that meant?`);
  }

  const givenInputs = new Map((described.inputs ?? []).map((field) => [field.name, field]));
  const inputs = entering.map((name) => givenInputs.get(name) ?? inferInput(name, { parts, model, entering, note }));
  const added = (described.inputs ?? []).filter(({ name }) => !entering.includes(name));
  const metadata = { inputs: [...inputs, ...added], outputs: [] };
  const { before, between, after } = followPackage(parts, model, requestFacts({ ...parts, metadata }));
  for (const problem of before.problems) note(renderProblem(problem, pre.where));
  for (const problem of after.problems) note(renderProblem(problem, post.where));

  const givenOutputs = new Map((described.outputs ?? []).map((field) => [field.name, field]));
  const left = [...after.fields.keys()].filter(
    (name) => model.results.includes(name) || (after.makes.has(name) && !before.fields.has(name)),
  );
  const outputs = left.flatMap((name): TensorDescription[] => {
    const facts = after.fields.get(name)!;
    const own = graph.outputs.find((value) => value.name === name);
    if (givenOutputs.has(name)) return [givenOutputs.get(name)!];
    return inferOutput({ name, facts, isUntouched: facts === between.get(name), own, note });
  });
  const others = (described.outputs ?? []).filter(({ name }) => !left.includes(name));
  return {
    metadata: {
      ...{ ...metadata, outputs: [...outputs, ...others] },
      ...{ model_input_list: model.feeds, model_output_list: model.results, custom: {} },
    },
    notes,
  };
}
