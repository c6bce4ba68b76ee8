import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { checkEntryName } from '../archive/entry-name.js';
import { contentBytes, type FileRange, type PackContent, type PackEntry } from '../archive/pack-content.js';
import { EisenError, isEisenError } from '../errors/error.js';
import { type ByteSource, withFileSource, wrapBytes } from '../files/byte-source.js';
import { SPLIT_BYTES, splitWeights } from '../onnx/external-data.js';
import type { OnnxGraph } from '../onnx/graph.js';
import { readOnnxGraph } from '../onnx/read-graph.js';
import { isRange, type RewrittenPiece } from '../onnx/rewrite-tensors.js';

export const MODEL_ENTRY = 'model.onnx';
const WEIGHTS_ENTRY = 'weights.bin';

/** A model on disk or in memory, as the entries that it becomes. */
export interface OnnxEntries {
  readonly graph: OnnxGraph;
  readonly entries: readonly PackEntry[];
  /** Bytes of all of them. */
  readonly bytes: number;
}

/** The files of external data that a graph names, checked: regular files beside the model, reached by no link. */
async function externalEntries(graph: OnnxGraph, modelFile: string): Promise<PackEntry[]> {
  const folder = path.dirname(modelFile);
  const locations = [...new Set(graph.externalData.map((data) => data.location))].sort();
  return Promise.all(
    locations.map(async (location) => {
      const where = `${path.basename(modelFile)}: external data '${location}'`;
      try {
        checkEntryName(location, path.basename(modelFile));
      } catch (cause) {
        if (isEisenError(cause))
          throw new EisenError('ONNX_EXTERNAL', `${where}: it is no plain name of a file beside the model.`, {
            where,
            cause,
          });
        throw cause;
      }
      const file = path.join(folder, location);
      const stats = await lstat(file).catch((cause: unknown) => {
        throw new EisenError('ONNX_EXTERNAL', `${where}: there is no such file beside the model.`, { where, cause });
      });
      const isInside = (await realpath(file)) === path.join(await realpath(folder), location);
      if (!stats.isFile() || stats.nlink !== 1 || !isInside) {
        throw new EisenError('ONNX_EXTERNAL', `${where}: it is a link or no regular file.`, {
          where,
          hint: 'Put a copy of the file beside the model.',
        });
      }
      return { name: location, content: [{ path: file, offset: 0, bytes: stats.size }] };
    }),
  );
}

function splitEntries(
  source: ByteSource,
  where: string,
  take: (pieces: readonly RewrittenPiece[]) => PackContent,
): PackEntry[] {
  const split = splitWeights(source, WEIGHTS_ENTRY, where);
  return [
    { name: MODEL_ENTRY, content: take(split.graph) },
    { name: WEIGHTS_ENTRY, content: take(split.weights) },
  ];
}

function inlineBytes(graph: OnnxGraph): number {
  return graph.initializers.reduce((sum, initializer) => sum + initializer.inlineBytes, 0);
}

/**
 * Turns a model into entries: `model.onnx` as it is when it is small; big inline weights move to `weights.bin`, which a
 * server maps; files of external data come along under their names. Throws ONNX_* and FILE_NOT_FOUND.
 */
export async function readOnnxEntries(model: string | Uint8Array): Promise<OnnxEntries> {
  const where = typeof model === 'string' ? path.basename(model) : MODEL_ENTRY;
  const { graph, entries } =
    typeof model === 'string'
      ? withFileSource(model, (source) => {
          const whole: FileRange = { path: model, offset: 0, bytes: source.length };
          const range = ({ start, end }: { start: number; end: number }): FileRange => ({
            path: model,
            offset: start,
            bytes: end - start,
          });
          return plan(source, [whole], (pieces) => pieces.map((piece) => (isRange(piece) ? range(piece) : piece)));
        })
      : plan(wrapBytes(model), [model], (pieces) =>
          pieces.map((piece) => (isRange(piece) ? model.subarray(piece.start, piece.end) : piece)),
        );
  const external =
    graph.externalData.length === 0
      ? []
      : typeof model === 'string'
        ? await externalEntries(graph, model)
        : refuseExternal(graph);
  const all = [...entries, ...external];
  return { graph, entries: all, bytes: all.reduce((sum, entry) => sum + contentBytes(entry.content), 0) };

  function plan(
    source: ByteSource,
    whole: PackContent,
    take: (pieces: readonly RewrittenPiece[]) => PackContent,
  ): { graph: OnnxGraph; entries: PackEntry[] } {
    const read = readOnnxGraph(source, where);
    const isSplit = read.externalData.length === 0 && inlineBytes(read) >= SPLIT_BYTES;
    return {
      graph: read,
      entries: isSplit ? splitEntries(source, where, take) : [{ name: MODEL_ENTRY, content: whole }],
    };
  }
}

function refuseExternal(graph: OnnxGraph): never {
  throw new EisenError(
    'ONNX_EXTERNAL',
    `${MODEL_ENTRY}: its weights lie in '${graph.externalData[0]!.location}'; give the path of the model instead of its bytes.`,
    { where: MODEL_ENTRY },
  );
}
