import type { Archive } from '../archive/archive.js';
import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import type { Metadata } from '../metadata/metadata.js';
import type { OnnxGraph } from '../onnx/graph.js';
import { type Chain, parseChain } from '../transforms/chain.js';
import { METADATA_ENTRY, POST_ENTRY, PRE_ENTRY } from './entry-names.js';
import { readJsonEntry, readMetadataEntry } from './json-entries.js';
import { type LoadOptions, type ModelLoadPlan, planModelLoad } from './load-plan.js';

/** Everything a handler works with, as an archive holds it. */
export interface ModelFiles {
  readonly plan: ModelLoadPlan;
  readonly metadata: Metadata;
  readonly pre: Chain;
  readonly post: Chain;
}

const OPERATOR_DOMAINS = new Set(['ai.onnx', 'ai.onnx.ml', 'com.microsoft', 'ai.onnx.preview.training']);

const hasEntry = (archive: Archive, name: string): boolean => archive.entries.some((entry) => entry.name === name);

async function readChain(archive: Archive, name: string, part: 'pre' | 'post'): Promise<Chain> {
  if (hasEntry(archive, name)) return parseChain(await readJsonEntry(archive, name), name, part);
  const pickled = name.replace('.json', '.pkl');
  if (hasEntry(archive, pickled)) {
    throw new EisenError('MAR_LEGACY_PICKLE', `${pickled}: the chain is a Python pickle, which is never executed.`, {
      where: pickled,
      hint: 'Run eisen-deploy package --from-legacy old.mar --model model.onnx to turn it into a JSON chain.',
    });
  }
  return { where: name, steps: [] };
}

/** Looks at a graph before any engine sees it: size, operator domains. Throws ONNX_INVALID. */
export function checkGraph(graph: OnnxGraph, where: string): void {
  if (graph.nodeCount > LIMITS.onnxNodes) {
    throw new EisenError('ONNX_INVALID', `${where}: ${graph.nodeCount} nodes; expected at most ${LIMITS.onnxNodes}.`, {
      where,
    });
  }
  const foreign = graph.domains.filter((domain) => !OPERATOR_DOMAINS.has(domain));
  if (foreign.length > 0) {
    throw new EisenError('ONNX_INVALID', `${where}: operators of the domain ${foreign[0]} are not known here.`, {
      where,
    });
  }
}

/** Metadata of a model that came without any: what the graph itself says. */
function inferMetadata(graph: OnnxGraph): Metadata {
  const describe = (values: OnnxGraph['inputs']): Metadata['inputs'] =>
    values.map(({ name, shape }) => ({ name, type: 'ndarray', shape: shape ?? [] }));
  return { inputs: describe(graph.inputs), outputs: describe(graph.outputs) };
}

/** Reads metadata and chains of an archive and plans how its model is loaded; executes nothing. Throws what is wrong with any of them. */
export async function readModelFiles(archive: Archive, options: LoadOptions = {}): Promise<ModelFiles> {
  const plan = await planModelLoad(archive, options);
  checkGraph(plan.graph, plan.entry);
  const metadata = hasEntry(archive, METADATA_ENTRY) ? await readMetadataEntry(archive) : inferMetadata(plan.graph);
  const pre = await readChain(archive, PRE_ENTRY, 'pre');
  const post = await readChain(archive, POST_ENTRY, 'post');
  return { plan, metadata, pre, post };
}
