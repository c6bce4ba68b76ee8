import type { Archive } from '../core/archive/archive.js';
import { openArchive } from '../core/archive/open-archive.js';
import { METADATA_ENTRY, POST_ENTRY, PRE_ENTRY } from '../core/model/entry-names.js';
import { readJsonEntry, readMetadataEntry } from '../core/model/json-entries.js';
import { checkArchive } from '../core/packaging/check-archive.js';
import { parseChain } from '../core/transforms/chain.js';
import type { MetadataReport, ShownChains } from './metadata-report.js';

const hasEntry = (archive: Archive, name: string): boolean => archive.entries.some((entry) => entry.name === name);

async function readChains(archive: Archive, where: string): Promise<ShownChains> {
  const read = async (name: string, part: 'pre' | 'post'): Promise<ShownChains['pre']> => {
    if (!hasEntry(archive, name)) return null;
    const place = `${where}/${name}`;
    const { steps } = parseChain(await readJsonEntry(archive, name, place), place, part);
    return steps.map(({ definition, given }) => ({ type: definition.name, params: given }));
  };
  return { pre: await read(PRE_ENTRY, 'pre'), post: await read(POST_ENTRY, 'post') };
}

/** What an archive says of itself, every entry verified; throws the code of the first thing that is wrong with it. */
export async function describeArchive(source: string): Promise<MetadataReport> {
  const report = await checkArchive(source);
  const archive = await openArchive(source);
  try {
    return {
      ...{ kind: 'archive', source, archive: report, chains: await readChains(archive, source) },
      metadata: hasEntry(archive, METADATA_ENTRY)
        ? await readMetadataEntry(archive, `${source}/${METADATA_ENTRY}`)
        : null,
    };
  } finally {
    await archive.close();
  }
}
