import type { Problem } from '../errors/problem.js';
import { appendPointer } from '../errors/problem.js';
import type { Metadata } from '../metadata/metadata.js';
import type { OnnxGraph } from '../onnx/graph.js';
import type { Chain } from '../transforms/chain.js';
import { checkChain } from '../transforms/check-chain.js';
import { type FieldFacts, UNKNOWN_FIELD } from '../transforms/field-ledger.js';

/** The parts of a package that must fit each other. */
export interface PackageParts {
  readonly graph: OnnxGraph;
  readonly metadata: Metadata;
  readonly pre: Chain;
  readonly post: Chain;
}

/** A problem and the document that it is in. */
export interface PackageProblem extends Problem {
  readonly document: 'metadata.json' | 'pre-processing' | 'post-processing';
}

export interface PackageReport {
  readonly problems: readonly PackageProblem[];
  readonly warnings: readonly string[];
}

const list = (names: Iterable<string>): string => [...names].join(', ') || 'none';

function checkModelLists(
  { graph, metadata }: PackageParts,
  problems: PackageProblem[],
  warnings: string[],
): { feeds: readonly string[]; results: readonly string[] } {
  const feeds = metadata.model_input_list ?? metadata.inputs.map((input) => input.name);
  const results = metadata.model_output_list ?? metadata.outputs.map((output) => output.name);
  const names = graph.inputs.map((input) => input.name);
  const report = (pointer: string, message: string): void => {
    problems.push({ document: 'metadata.json', code: 'METADATA_INVALID', pointer, message });
  };
  const inputPointer = metadata.model_input_list === undefined ? '/inputs' : '/model_input_list';
  const outputPointer = metadata.model_output_list === undefined ? '/outputs' : '/model_output_list';
  const missing = names.filter((name) => !feeds.includes(name));
  if (feeds.length === names.length && missing.length === names.length && names.length > 0) {
    warnings.push(`no model input is called as in the graph: ${list(feeds)} are fed to ${list(names)} by position`);
  } else if (missing.length > 0) {
    report(
      inputPointer,
      `the graph takes ${list(names)}; ${list(missing)} is not among the model inputs ${list(feeds)}.`,
    );
  } else if (feeds.length > names.length) {
    report(
      inputPointer,
      `${list(feeds.filter((name) => !names.includes(name)))} is no input of the graph, which takes ${list(names)}.`,
    );
  }
  if (results.length > graph.outputs.length) {
    report(
      outputPointer,
      `${results.length} model outputs are named; the graph gives ${graph.outputs.length} (${list(graph.outputs.map((output) => output.name))}).`,
    );
  }
  return { feeds, results };
}

/** Without a chain before the model, an input of the metadata is an input of the graph: rank and fixed axes must agree. */
function checkShapes({ graph, metadata, pre }: PackageParts, problems: PackageProblem[]): void {
  if (pre.steps.length > 0) return;
  for (const [index, input] of metadata.inputs.entries()) {
    const wanted = graph.inputs.find((candidate) => candidate.name === input.name)?.shape;
    if (wanted === undefined || wanted === null || !/nd\.?array/.test(input.type)) continue;
    const pointer = appendPointer(appendPointer('/inputs', index), 'shape');
    const clashes = wanted.some((axis, n) => axis >= 0 && (input.shape[n] ?? -1) >= 0 && input.shape[n] !== axis);
    if (input.shape.length === wanted.length && !clashes) continue;
    problems.push({
      document: 'metadata.json',
      code: 'METADATA_INVALID',
      pointer,
      message: `the shape of '${input.name}' is [${input.shape.join(', ')}]; the graph takes [${wanted.join(', ')}].`,
    });
  }
}

/** An output takes its geometry over from an input; when no input has one any more, the output says which step lost it. */
function outputGeometry(feeds: readonly FieldFacts[]): Pick<FieldFacts, 'geometry' | 'lostBy'> {
  if (feeds.length === 0 || feeds.some(({ geometry }) => geometry !== 'none')) return { geometry: 'maybe' };
  const lostBy = feeds.find((facts) => facts.lostBy !== undefined)?.lostBy;
  return { geometry: 'none', ...(lostBy === undefined ? {} : { lostBy }) };
}

/**
 * Follows the fields of a request through the whole package: the inputs of the metadata, the pre-processing chain, the
 * model, the post-processing chain, the declared outputs. Collects everything that does not connect.
 */
export function checkPackage(parts: PackageParts): PackageReport {
  const { metadata, pre, post } = parts;
  const problems: PackageProblem[] = [];
  const warnings: string[] = [];
  const { feeds, results } = checkModelLists(parts, problems, warnings);
  checkShapes(parts, problems);

  const start = new Map<string, FieldFacts>(metadata.inputs.map((input) => [input.name, UNKNOWN_FIELD]));
  const before = checkChain(pre, start);
  problems.push(...before.problems.map((problem) => ({ ...problem, document: 'pre-processing' as const })));
  for (const name of feeds) {
    if (before.fields.has(name)) continue;
    problems.push({
      document: 'pre-processing',
      code: 'FIELD_MISSING',
      pointer: '',
      message: `the model needs the field '${name}'; after the chain there are: ${list(before.fields.keys())}.`,
    });
  }

  const between = new Map<string, FieldFacts>();
  const inherited = outputGeometry(feeds.map((name) => before.fields.get(name) ?? UNKNOWN_FIELD));
  for (const name of results) {
    between.set(name, { kind: 'array', ...inherited });
    if (before.fields.has(name)) warnings.push(`the model output '${name}' is hidden by the input of the same name`);
  }
  for (const [name, facts] of before.fields) between.set(name, facts);
  const after = checkChain(post, between);
  problems.push(...after.problems.map((problem) => ({ ...problem, document: 'post-processing' as const })));
  for (const { name } of metadata.outputs) {
    if (after.fields.has(name)) continue;
    problems.push({
      document: 'post-processing',
      code: 'OUTPUT_MISSING',
      pointer: '',
      message: `the metadata declares the output '${name}'; after the chain there are: ${list(after.fields.keys())}.`,
    });
  }
  return { problems, warnings };
}
