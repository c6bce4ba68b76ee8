import type { FieldFacts } from '../transforms/field-ledger.js';
import { warnOfBatchAxis } from './check-batch-axis.js';
import { warnOfArraysForFiles } from './check-input-types.js';
import { checkFeeds, checkReply, describedInputs, requestFacts } from './check-package-shapes.js';
import { warnOfUnusedInputs } from './check-unused-inputs.js';
import { followPackage, type ModelFields } from './follow-package.js';
import type { PackageParts, PackageProblem } from './package-parts.js';

export interface PackageReport {
  readonly problems: readonly PackageProblem[];
  readonly warnings: readonly string[];
}

const list = (names: Iterable<string>): string => [...names].join(', ') || 'none';

function checkModelLists(
  { graph, metadata }: PackageParts,
  problems: PackageProblem[],
  warnings: string[],
): ModelFields {
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

/** Model outputs of known rank that no field of the request hides, with the shapes that the graph declares. */
function unhiddenOutputs(
  { graph }: PackageParts,
  results: readonly string[],
  hiding: ReadonlyMap<string, FieldFacts>,
): Map<string, readonly number[]> {
  const outputs = results.flatMap((name, n): [string, readonly number[]][] => {
    const shape = graph.outputs[n]?.shape;
    return shape === undefined || shape === null || hiding.has(name) ? [] : [[name, shape]];
  });
  return new Map(outputs);
}

/**
 * Follows the fields of a request through the whole package: the inputs of the metadata, the pre-processing chain, the
 * model, the post-processing chain, the declared outputs. Collects everything that does not connect.
 */
export function checkPackage(parts: PackageParts): PackageReport {
  const { graph, metadata, pre, post } = parts;
  const problems: PackageProblem[] = [];
  const warnings: string[] = [];
  const model = checkModelLists(parts, problems, warnings);
  const { feeds, results } = model;
  const hasWrongFeeds = problems.length > 0;
  const { before, between, after } = followPackage(parts, model, requestFacts(parts));

  problems.push(...before.problems.map((problem) => ({ ...problem, document: 'pre-processing' as const })));
  for (const name of feeds) {
    const isKnownWrong = hasWrongFeeds && !graph.inputs.some((input) => input.name === name);
    if (before.fields.has(name) || isKnownWrong) continue;
    problems.push({
      document: 'pre-processing',
      code: 'FIELD_MISSING',
      pointer: '',
      message: `the model needs the field '${name}'; after the chain there are: ${list(before.fields.keys())}.`,
    });
  }

  // What `metadata create --from` copied from the graph promises nobody an array.
  warnings.push(...warnOfArraysForFiles(pre, describedInputs(parts)));
  checkFeeds(parts, { feeds, fields: before.fields }, problems, warnings);
  const hidden = results.filter((name) => before.fields.has(name));
  warnings.push(...hidden.map((name) => `the model output '${name}' is hidden by the input of the same name`));
  warnings.push(...warnOfBatchAxis(post, between, unhiddenOutputs(parts, results, before.fields)));
  problems.push(...after.problems.map((problem) => ({ ...problem, document: 'post-processing' as const })));
  for (const output of metadata.outputs) {
    const { name } = output;
    const facts = after.fields.get(name);
    if (facts !== undefined) {
      checkReply(parts, output, facts, warnings);
      continue;
    }
    problems.push({
      document: 'post-processing',
      code: 'OUTPUT_MISSING',
      pointer: '',
      message: `the metadata declares the output '${name}'; after the chain there are: ${list(after.fields.keys())}.`,
    });
  }
  // A field that is not used because another name stands in its place has been spoken of above.
  if (problems.length === 0) warnings.push(...warnOfUnusedInputs(parts, model));
  return { problems, warnings };
}
