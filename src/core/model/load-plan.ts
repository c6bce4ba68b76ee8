import { realpathSync } from 'node:fs';
import path from 'node:path';
import type { Archive } from '../archive/archive.js';
import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import { type ExternalPlace, relocateExternalData } from '../onnx/external-data.js';
import type { OnnxExternalData, OnnxGraph } from '../onnx/graph.js';
import { readOnnxGraph } from '../onnx/read-graph.js';

/** What a session needs to be created without unpacking anything. */
export interface ModelLoadPlan {
  /** Name of the ONNX entry. */
  readonly entry: string;
  readonly graph: OnnxGraph;
  /** The bytes to create the session from; its external weights point into the archive file. */
  readonly model: Uint8Array;
  /** The folder that the engine may read weights from: the one that holds the archive. Absent for inline weights. */
  readonly weightsFolder?: string;
  /** True when weights are to stay in the file as they are: two workers then share their pages. */
  readonly mapWeights: boolean;
  /**
   * False when the archive has been replaced while the session was being made: its weights may then be another model's,
   * and the session must be thrown away and planned again. A session made before a replacement keeps the old file.
   */
  isCurrent(): boolean;
}

/** The ONNX file of an archive: named by the manifest, or the only one. */
export function findModelEntry(archive: Archive): string {
  const named = archive.manifest?.model.serializedFile;
  if (named?.endsWith('.onnx') === true) return named;
  const found = archive.entries.filter(({ name }) => name.endsWith('.onnx'));
  if (found.length === 1) return found[0]!.name;
  const where = path.basename(archive.path);
  throw new EisenError(
    'MODEL_LOAD_FAILED',
    `${where}: the archive holds ${found.length} ONNX models and its manifest names ${named ?? 'none'}; expected one.`,
    { where, hint: 'Other kinds of models run by their own code: see --allow-archive-code.' },
  );
}

/**
 * Matrix products read their weights again for every row of a batch and gain 1.2 to 2.4 times from weights that are
 * packed at load; convolutions gain nothing. Packing touches every byte: a mapped model would be read whole at load.
 */
export function paysPrepacking(graph: OnnxGraph): boolean {
  const products = ['MatMul', 'Gemm', 'LSTM', 'GRU', 'Attention', 'MatMulNBits'];
  if (!graph.operators.some((operator) => products.includes(operator))) return false;
  const count = (dims: readonly number[]): number => dims.reduce((product, axis) => product * axis, 1);
  let [matrices, kernels] = [0, 0];
  for (const { dims } of graph.initializers) {
    if (dims.length === 2 || dims.length === 3) matrices += count(dims);
    if (dims.length >= 4) kernels += count(dims);
  }
  return matrices > kernels;
}

/**
 * Plans how to load the model of an archive: external weights that lie stored in the archive are read in place (the
 * engine maps the archive file), inline ones come with the graph. Throws ONNX_INVALID, ONNX_EXTERNAL, MAR_NO_ENTRY, or
 * MAR_COMPRESSED_WEIGHTS for weights that are packed: then the archive must be unpacked first (see extractArchive).
 */
export async function planModelLoad(archive: Archive): Promise<ModelLoadPlan> {
  const entry = findModelEntry(archive);
  const where = `${path.basename(archive.path)}: ${entry}`;
  const bytes = await archive.readEntry(entry, { limitBytes: LIMITS.onnxFileBytes });
  const graph = readOnnxGraph(bytes, where);
  const isCurrent = (): boolean => archive.isCurrent();
  if (graph.externalData.length === 0) return { entry, graph, model: bytes, mapWeights: false, isCurrent };
  const place = ({ location }: OnnxExternalData): ExternalPlace | null => {
    if (!archive.entries.some(({ name }) => name === location)) return null;
    const found = archive.locateEntry(location);
    if (found === null) {
      throw new EisenError('MAR_COMPRESSED_WEIGHTS', `${where}: the weights '${location}' are compressed.`, {
        where,
        hint: 'Package the model again with eisen-deploy, which stores weights.',
      });
    }
    const file = archive.format === 'folder' ? location : path.basename(archive.path);
    return { location: file, base: found.offset, bytes: found.bytes };
  };
  return {
    entry,
    graph,
    model: relocateExternalData(bytes, place, where),
    weightsFolder: realpathSync(archive.format === 'folder' ? archive.path : path.dirname(archive.path)),
    mapWeights: !paysPrepacking(graph),
    isCurrent,
  };
}
