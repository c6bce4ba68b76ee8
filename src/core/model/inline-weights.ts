import { closeSync, openSync, statSync } from 'node:fs';
import type { Archive } from '../archive/archive.js';
import type { ContentCache } from '../archive/content-cache.js';
import { type ByteSource, wrapBytes, wrapFile } from '../files/byte-source.js';
import { LIMITS } from '../limits.js';
import { joinPieces, SPLIT_BYTES, type SplitModel, splitWeights } from '../onnx/external-data.js';
import { readOnnxGraph } from '../onnx/read-graph.js';
import { isRange, type RewrittenPiece } from '../onnx/rewrite-tensors.js';

/** A model whose weights stood in its graph, split in two. */
export interface CachedModel {
  /** The graph; its weights are external data called `WEIGHTS`. */
  readonly graph: Uint8Array;
  /** The file in the cache that holds them. */
  readonly file: string;
}

/** What the weights are called in the graph of a cached model. */
const WEIGHTS = 'weights';
const PIECE_BYTES = 1024 * 1024;

/** Tells an entry of this very file from all others, as long as nobody writes into the file. */
function keyOf(archive: Archive, name: string): string {
  const { bytes, crc32 } = archive.entries.find((entry) => entry.name === name)!;
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(archive.locateEntry(name)?.path ?? archive.path, {
    bigint: true,
  });
  return ['model/1', dev, ino, size, mtimeNs, ctimeNs, name, bytes, crc32].join(' ');
}

async function* streamPieces(source: ByteSource, pieces: readonly RewrittenPiece[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (!isRange(piece)) yield piece;
    else {
      for (let at = piece.start; at < piece.end; at += PIECE_BYTES) {
        yield source.read(at, Math.min(PIECE_BYTES, piece.end - at));
      }
    }
  }
}

/** Lends the content of an entry, checked; one that lies stored is not brought into memory for it. */
async function withEntry<T>(archive: Archive, name: string, use: (source: ByteSource) => Promise<T>): Promise<T> {
  const place = archive.locateEntry(name);
  if (place === null) return use(wrapBytes(await archive.readEntry(name, { limitBytes: LIMITS.onnxFileBytes })));
  for await (const piece of archive.streamEntry(name)) void piece;
  const fd = openSync(place.path, 'r');
  try {
    return await use(wrapFile(fd, place.offset, place.bytes));
  } finally {
    closeSync(fd);
  }
}

async function split(archive: Archive, name: string, where: string, cache: ContentCache): Promise<CachedModel | null> {
  return withEntry(archive, name, async (source) => {
    if (readOnnxGraph(source, where).externalData.length > 0) return null;
    const parts: SplitModel = splitWeights(source, WEIGHTS, where);
    if (parts.weightsBytes < SPLIT_BYTES) return null;
    const graph = joinPieces(source, parts.graph);
    const stream = (): AsyncGenerator<Uint8Array> => streamPieces(source, parts.weights);
    const file = await cache.put({ bytes: parts.weightsBytes, where: `${where}: weights`, stream });
    return { graph, file };
  });
}

/**
 * The model of an archive with its inline weights moved into the cache, so that the engine maps them and workers share
 * their pages. The first time costs a pass over the model; later ones, in any process, a look at the receipt that it has
 * left. null when there are no weights to speak of inside the graph. Throws what the cache throws, ONNX_* and MAR_*.
 */
export async function cacheInlineWeights(
  archive: Archive,
  name: string,
  where: string,
  cache: ContentCache,
): Promise<CachedModel | null> {
  const key = keyOf(archive, name);
  const recall = async (): Promise<CachedModel | null> => {
    const known = await cache.recall(key);
    return known === null ? null : { graph: known.note, file: known.file };
  };
  const known = await recall();
  if (known !== null) return known;
  // Workers that start at once would all pass over the model; all but one wait for its receipt.
  const release = await cache.claim(key);
  try {
    const made = await recall();
    if (made !== null) return made;
    const model = await split(archive, name, where, cache);
    // A file that took the place of this one meanwhile must not be remembered as this one.
    if (model !== null && archive.isCurrent()) await cache.remember(key, { file: model.file, note: model.graph });
    return model;
  } finally {
    await release();
  }
}
