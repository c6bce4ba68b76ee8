import { EisenError } from '../core/errors/error.js';
import { createErrorGatherer } from '../core/errors/gather-errors.js';
import { withFileSource } from '../core/files/byte-source.js';
import { LIMITS } from '../core/limits.js';
import type { Metadata } from '../core/metadata/metadata.js';
import { parseWrittenMetadata } from '../core/metadata/parse-metadata.js';
import { readOnnxGraph } from '../core/onnx/read-graph.js';
import { inferPackageMetadata } from '../core/packaging/infer-package-metadata.js';
import { parseJson } from '../core/tensor/json.js';
import { type Chain, parseChain } from '../core/transforms/chain.js';

function readJsonFile(file: string): unknown {
  return withFileSource(file, (source) => {
    if (source.length > LIMITS.jsonEntryBytes) {
      throw new EisenError(
        'LIMIT_EXCEEDED',
        `${file}: ${source.length} bytes; expected at most ${LIMITS.jsonEntryBytes} of JSON.`,
        { where: file },
      );
    }
    return parseJson(new Uint8Array(source.read(0, source.length)), file, { duplicateKeys: 'refuse' });
  });
}

/** The metadata file; when there is none, what graph and chains say of what travels. */
export function readMetadata(
  file: string | undefined,
  { model, pre, post }: { readonly model: string; readonly pre: Chain; readonly post: Chain },
  warn: (line: string) => void,
): Metadata {
  if (file !== undefined) return parseWrittenMetadata(readJsonFile(file), file, warn);
  const graph = withFileSource(model, (source) => readOnnxGraph(source, model));
  const { metadata, notes } = inferPackageMetadata({ graph, pre, post });
  for (const line of notes) warn(line);
  return metadata;
}

/** The chain of a file; no file is the chain without steps. */
export function readChainFile(file: string | undefined, part: 'pre' | 'post'): Chain {
  if (file === undefined) return { where: `${part}-processing`, steps: [] };
  return parseChain(readJsonFile(file), file, part);
}

/** The two chains, and the metadata of an old archive: a file that is named wins over what the archive has. */
export async function readChains(options: {
  readonly fromLegacy?: string;
  readonly preProcessing?: string;
  readonly postProcessing?: string;
}): Promise<{ pre: Chain; post: Chain; metadata: Metadata | null }> {
  const { fromLegacy, preProcessing, postProcessing } = options;
  if (fromLegacy === undefined) {
    const found = createErrorGatherer();
    const pre = await found.attempt(() => readChainFile(preProcessing, 'pre'));
    const post = await found.attempt(() => readChainFile(postProcessing, 'post'));
    found.refuse();
    return { pre: pre!, post: post!, metadata: null };
  }
  const { readLegacyArchive } = await import('../core/packaging/legacy-archive.js');
  const parts = { pre: preProcessing === undefined, post: postProcessing === undefined };
  const old = await readLegacyArchive(fromLegacy, parts);
  return {
    pre: old.pre ?? readChainFile(preProcessing, 'pre'),
    post: old.post ?? readChainFile(postProcessing, 'post'),
    metadata: old.metadata,
  };
}
