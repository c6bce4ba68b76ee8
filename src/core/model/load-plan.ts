import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Archive } from '../archive/archive.js';
import type { ContentCache } from '../archive/content-cache.js';
import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import { type ExternalPlace, relocateExternalData } from '../onnx/external-data.js';
import type { OnnxGraph } from '../onnx/graph.js';
import { readOnnxGraph } from '../onnx/read-graph.js';

/** What a session needs to be created. */
export interface ModelLoadPlan {
  /** Name of the ONNX entry. */
  readonly entry: string;
  readonly graph: OnnxGraph;
  /** The bytes to create the session from; its external weights point into the archive file. */
  readonly model: Uint8Array;
  /** The folder that the engine may read weights from: the one that holds the archive, or the cache. Absent for inline weights. */
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

/** Where external weights lie, by their location in the graph; one folder holds them all. */
interface WeightPlaces {
  readonly folder: string;
  readonly places: ReadonlyMap<string, ExternalPlace>;
  isThere(): boolean;
}

function placeInArchive(archive: Archive, names: readonly string[]): WeightPlaces {
  const isFolder = archive.format === 'folder';
  const places = names.map((name): [string, ExternalPlace] => {
    const { offset, bytes } = archive.locateEntry(name)!;
    return [name, { location: isFolder ? name : path.basename(archive.path), base: offset, bytes }];
  });
  const folder = realpathSync(isFolder ? archive.path : path.dirname(archive.path));
  return { folder, places: new Map(places), isThere: () => true };
}

async function placeInCache(archive: Archive, names: readonly string[], cache: ContentCache): Promise<WeightPlaces> {
  const places = new Map<string, ExternalPlace>();
  for (const name of names) {
    const { bytes } = archive.entries.find((entry) => entry.name === name)!;
    const where = `${path.basename(archive.path)}: weights '${name}'`;
    const location = await cache.put({ bytes, where, stream: () => archive.streamEntry(name) });
    places.set(name, { location, base: 0, bytes });
  }
  const files = [...places.values()].map(({ location }) => path.join(cache.folder, location));
  return { folder: cache.folder, places, isThere: () => files.every((file) => existsSync(file)) };
}

/** Looks only: the plan is for checks, and no session can be made of it. */
function placeNowhere(archive: Archive, names: readonly string[]): WeightPlaces {
  const sizes = new Map(archive.entries.map(({ name, bytes }) => [name, bytes]));
  const places = names.map((name): [string, ExternalPlace] => [
    name,
    { location: name, base: 0, bytes: sizes.get(name)! },
  ]);
  return { folder: '', places: new Map(places), isThere: () => true };
}

/**
 * Plans how to load the model of an archive: external weights that lie stored in the archive are read in place (the
 * engine maps the archive file), inline ones come with the graph. When any are compressed, all external weights go through
 * `openCache`; without it the plan is for looking only. Throws ONNX_INVALID, ONNX_EXTERNAL, MAR_NO_ENTRY, MAR_CRC,
 * MAR_COMPRESSED_WEIGHTS, and what the cache throws.
 */
export async function planModelLoad(archive: Archive, openCache?: () => Promise<ContentCache>): Promise<ModelLoadPlan> {
  const entry = findModelEntry(archive);
  const where = `${path.basename(archive.path)}: ${entry}`;
  const bytes = await archive.readEntry(entry, { limitBytes: LIMITS.onnxFileBytes });
  const graph = readOnnxGraph(bytes, where);
  const isCurrent = (): boolean => archive.isCurrent();
  if (graph.externalData.length === 0) return { entry, graph, model: bytes, mapWeights: false, isCurrent };
  const names = [...new Set(graph.externalData.map(({ location }) => location))].filter((location) =>
    archive.entries.some(({ name }) => name === location),
  );
  const isPlain = names.every((name) => archive.locateEntry(name) !== null);
  const weights = isPlain
    ? placeInArchive(archive, names)
    : openCache === undefined
      ? placeNowhere(archive, names)
      : await placeInCache(archive, names, await openCache());
  return {
    entry,
    graph,
    model: relocateExternalData(bytes, ({ location }) => weights.places.get(location) ?? null, where),
    weightsFolder: weights.folder,
    mapWeights: !paysPrepacking(graph),
    isCurrent: () => isCurrent() && weights.isThere(),
  };
}
