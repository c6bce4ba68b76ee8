import { EisenError } from '../core/errors/error.js';
import { didYouMean } from '../core/errors/nearest-name.js';
import { withFileSource } from '../core/files/byte-source.js';
import { createMetadata } from '../core/metadata/create-metadata.js';
import { inferMetadata } from '../core/metadata/infer-metadata.js';
import type { Metadata, TensorDescription } from '../core/metadata/metadata.js';
import { parseWrittenMetadata } from '../core/metadata/parse-metadata.js';
import type { OnnxGraph } from '../core/onnx/graph.js';
import { readOnnxGraph } from '../core/onnx/read-graph.js';

export interface MetadataCreateOptions {
  /** An ONNX file to read names, dtypes and shapes from. */
  readonly from?: string;
  /** Chain files: what travels is then described, not what the graph takes and gives. */
  readonly preProcessing?: string;
  readonly postProcessing?: string;
  readonly inputs: readonly TensorDescription[];
  readonly outputs: readonly TensorDescription[];
  /** Empty: all inputs, or those of the graph. */
  readonly modelInputs: readonly string[];
  readonly modelOutputs: readonly string[];
  readonly custom?: Readonly<Record<string, unknown>>;
}

/** Metadata from a graph, from descriptions, or from both; throws METADATA_INVALID with all problems. */
export async function createMetadataFrom(
  options: MetadataCreateOptions,
  warn: (line: string) => void,
): Promise<Metadata> {
  const metadata =
    options.from === undefined ? fromDescriptions(options) : await fromGraph(options.from, options, warn);
  return parseWrittenMetadata(metadata, options.from ?? 'metadata', warn);
}

function fromDescriptions(options: MetadataCreateOptions): Metadata {
  const { inputs, outputs, modelInputs, modelOutputs, custom } = options;
  for (const [flag, file] of [
    ['--pre-processing', options.preProcessing],
    ['--post-processing', options.postProcessing],
  ] as const) {
    if (file === undefined) continue;
    throw new EisenError('USAGE', `${flag} goes with --from, which names the graph between the chains.`, {
      where: flag,
    });
  }
  if (inputs.length === 0 && outputs.length === 0) {
    throw new EisenError('USAGE', 'metadata create: nothing is described.', {
      hint: 'Name a model with --from model.onnx, or describe the fields with --input and --output name:type:shape.',
    });
  }
  const list = <Key extends 'name' | 'type' | 'shape'>(fields: readonly TensorDescription[], key: Key) =>
    fields.map((field): TensorDescription[Key] => field[key]);
  return createMetadata(
    list(inputs, 'name'),
    list(inputs, 'type'),
    list(inputs, 'shape'),
    list(outputs, 'name'),
    list(outputs, 'type'),
    list(outputs, 'shape'),
    modelInputs.length > 0 ? modelInputs : undefined,
    modelOutputs.length > 0 ? modelOutputs : undefined,
    custom,
  );
}

async function fromGraph(
  file: string,
  options: MetadataCreateOptions,
  warn: (line: string) => void,
): Promise<Metadata> {
  const graph = withFileSource(file, (source) => readOnnxGraph(source, file));
  const metadata = await inferFrom(graph, options, warn);
  return {
    ...metadata,
    ...(options.modelInputs.length > 0 ? { model_input_list: options.modelInputs } : {}),
    ...(options.modelOutputs.length > 0 ? { model_output_list: options.modelOutputs } : {}),
    ...(options.custom === undefined ? {} : { custom: options.custom }),
  };
}

async function inferFrom(
  graph: OnnxGraph,
  { preProcessing, postProcessing, ...described }: MetadataCreateOptions,
  warn: (line: string) => void,
): Promise<Metadata> {
  if (preProcessing === undefined && postProcessing === undefined) {
    for (const side of ['input', 'output'] as const) {
      for (const line of findStrangers(described[`${side}s`], graph[`${side}s`], side)) warn(line);
    }
    return inferMetadata(graph, described);
  }
  // With the chains come all transforms, which a graph alone does not need.
  const { readChainFile } = await import('./package-inputs.js');
  const { inferPackageMetadata } = await import('../core/packaging/infer-package-metadata.js');
  const parts = { graph, pre: readChainFile(preProcessing, 'pre'), post: readChainFile(postProcessing, 'post') };
  const { metadata, notes } = inferPackageMetadata(parts, described);
  for (const line of notes) warn(line);
  return metadata;
}

/** One line for every described field that the graph does not have: it is added, not put in the place of another. */
function findStrangers(
  described: readonly TensorDescription[],
  values: readonly { readonly name: string }[],
  side: 'input' | 'output',
): string[] {
  const names = values.map(({ name }) => name);
  const free = names.filter((name) => !described.some((field) => field.name === name));
  return described.flatMap(({ name }) => {
    if (names.includes(name)) return [];
    const near = didYouMean(name, free);
    return [
      `--${side} ${name}: the graph has no such ${side}, it has ${names.join(', ')}; added beside ${names.length > 1 ? 'them' : 'it'}, ` +
        `as a field of a chain.${near}`,
    ];
  });
}
