import { existsSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Archive } from '../archive/archive.js';
import type { ContentCache } from '../archive/content-cache.js';
import { EisenError, isEisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import { type ExternalPlace, relocateExternalData, SPLIT_BYTES } from '../onnx/external-data.js';
import type { OnnxGraph } from '../onnx/graph.js';
import { readOnnxGraph } from '../onnx/read-graph.js';
import { cacheInlineWeights } from './inline-weights.js';
import { mapsWeights, type Prepacking } from './prepacking.js';

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
  /** For the log: what could not be done as it should. */
  readonly notes: readonly string[];
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

export interface LoadOptions {
  /** Opens the cache for weights that cannot be mapped where they are. Without it the plan is for looking only. */
  readonly openCache?: () => Promise<ContentCache>;
  readonly prepacking?: Prepacking;
}

/** Weights inside of a big graph, moved into the cache; null when they are small, or when there is no cache to use. */
async function planCached(
  archive: Archive,
  entry: string,
  where: string,
  options: LoadOptions,
): Promise<ModelLoadPlan | null> {
  const { openCache, prepacking = 'auto' } = options;
  const bytes = archive.entries.find(({ name }) => name === entry)?.bytes ?? 0;
  if (openCache === undefined || bytes < SPLIT_BYTES) return null;
  const cache = await openCache();
  const cached = await cacheInlineWeights(archive, entry, where, cache);
  if (cached === null) return null;
  const file = path.join(cache.folder, cached.file);
  const place: ExternalPlace = { location: cached.file, base: 0, bytes: statSync(file).size };
  const graph = readOnnxGraph(cached.graph, where);
  return {
    entry,
    graph,
    model: relocateExternalData(cached.graph, () => place, where),
    weightsFolder: cache.folder,
    mapWeights: mapsWeights(graph, prepacking),
    isCurrent: () => archive.isCurrent() && existsSync(file),
    notes: [],
  };
}

/** A cache that cannot be used costs memory, not the model: the reason goes to the log. */
async function tryCached(
  ...[archive, entry, where, options]: Parameters<typeof planCached>
): Promise<ModelLoadPlan | string | null> {
  try {
    return await planCached(archive, entry, where, options);
  } catch (error) {
    if (isEisenError(error) && ['NOT_WRITABLE', 'DISK_FULL', 'MAR_COMPRESSED_WEIGHTS'].includes(error.code))
      return `weights stay in the memory of each worker, as the cache cannot take them: ${error.message}`;
    throw error;
  }
}

/**
 * Plans how to load the model of an archive: external weights that lie stored in the archive are read in place (the
 * engine maps the archive file), small inline ones come with the graph. External weights of which any are compressed, and
 * inline ones of 16 MiB and more, go through `openCache`. Throws ONNX_INVALID, ONNX_EXTERNAL, MAR_NO_ENTRY, MAR_CRC,
 * MAR_COMPRESSED_WEIGHTS, and what the cache throws.
 */
export async function planModelLoad(archive: Archive, options: LoadOptions = {}): Promise<ModelLoadPlan> {
  const { openCache, prepacking = 'auto' } = options;
  const entry = findModelEntry(archive);
  const where = `${path.basename(archive.path)}: ${entry}`;
  const cached = await tryCached(archive, entry, where, options);
  if (cached !== null && typeof cached === 'object') return cached;
  const notes = cached === null ? [] : [cached];
  const bytes = await archive.readEntry(entry, { limitBytes: LIMITS.onnxFileBytes });
  const graph = readOnnxGraph(bytes, where);
  const isCurrent = (): boolean => archive.isCurrent();
  if (graph.externalData.length === 0) return { entry, graph, model: bytes, mapWeights: false, isCurrent, notes };
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
    mapWeights: mapsWeights(graph, prepacking),
    isCurrent: () => isCurrent() && weights.isThere(),
    notes,
  };
}
