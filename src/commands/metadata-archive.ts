import type { Archive } from '../core/archive/archive.js';
import { openArchive } from '../core/archive/open-archive.js';
import { LIMITS } from '../core/limits.js';
import { parseMetadataValue } from '../core/metadata/parse-metadata.js';
import { METADATA_ENTRY, POST_ENTRY, PRE_ENTRY } from '../core/model/entry-names.js';
import { checkArchive } from '../core/packaging/check-archive.js';
import { parseJson } from '../core/tensor/json.js';
import type { Plain } from '../core/tensor/value.js';
import { parseChain } from '../core/transforms/chain.js';
import type { MetadataReport, ShownChains } from './metadata-report.js';

async function readJson(archive: Archive, name: string, where: string): Promise<Plain | undefined> {
  if (!archive.entries.some((entry) => entry.name === name)) return undefined;
  const bytes = await archive.readEntry(name, { limitBytes: LIMITS.jsonEntryBytes });
  return parseJson(bytes, `${where}/${name}`, { duplicateKeys: 'refuse' });
}

async function readChains(archive: Archive, where: string): Promise<ShownChains> {
  const read = async (name: string, part: 'pre' | 'post'): Promise<ShownChains['pre']> => {
    const json = await readJson(archive, name, where);
    if (json === undefined) return null;
    const { steps } = parseChain(json, `${where}/${name}`, part);
    return steps.map(({ definition, given }) => ({ type: definition.name, params: given }));
  };
  return { pre: await read(PRE_ENTRY, 'pre'), post: await read(POST_ENTRY, 'post') };
}

/** What an archive says of itself, every entry verified; throws the code of the first thing that is wrong with it. */
export async function describeArchive(source: string): Promise<MetadataReport> {
  const report = await checkArchive(source);
  const archive = await openArchive(source);
  try {
    const json = await readJson(archive, METADATA_ENTRY, source);
    return {
      ...{ kind: 'archive', source, archive: report, chains: await readChains(archive, source) },
      metadata: json === undefined ? null : parseMetadataValue(json, `${source}/${METADATA_ENTRY}`),
    };
  } finally {
    await archive.close();
  }
}
