import path from 'node:path';
import type { Archive } from '../archive/archive.js';
import { openArchive } from '../archive/open-archive.js';
import { EisenError } from '../errors/error.js';
import { rescueChain } from '../legacy/rescue-chain.js';
import { LIMITS } from '../limits.js';
import type { Metadata } from '../metadata/metadata.js';
import { METADATA_ENTRY } from '../model/entry-names.js';
import { readMetadataEntry } from '../model/json-entries.js';
import type { Plain } from '../tensor/value.js';
import { type Chain, parseChain } from '../transforms/chain.js';

/** What can be taken over from an archive of the Python original: everything but its code and its torch model. */
export interface LegacyArchive {
  readonly modelName: string | null;
  readonly modelVersion: string | null;
  readonly metadata: Metadata | null;
  /** null: the part was not asked for. */
  readonly pre: Chain | null;
  readonly post: Chain | null;
}

/** Which chains to rescue: one that is given anew need not be readable. */
export interface LegacyParts {
  readonly pre: boolean;
  readonly post: boolean;
}

const hasEntry = (archive: Archive, name: string): boolean => archive.entries.some((entry) => entry.name === name);

async function readChain(archive: Archive, part: 'pre' | 'post'): Promise<Chain> {
  const name = `${part}_process_tform.pkl`;
  if (!hasEntry(archive, name)) {
    throw new EisenError('LEGACY_CHAIN', `${path.basename(archive.path)}: there is no ${name} in it.`, {
      where: name,
      expected: 'an archive that the Python package eisen-deploy has written',
      hint: `Give the chain yourself: --${part}-processing chain.json.`,
    });
  }
  const bytes = await archive.readEntry(name, { limitBytes: LIMITS.jsonEntryBytes });
  return parseChain(rescueChain(bytes, name) as unknown as Plain, name, part);
}

/**
 * Reads names, metadata and chains of an archive that the Python package wrote; its pickles are read by a closed list and
 * nothing in it is executed. Throws MAR_*, LEGACY_CHAIN (a closure, a foreign class, no chain), METADATA_INVALID, CHAIN_*.
 */
export async function readLegacyArchive(file: string, parts: LegacyParts): Promise<LegacyArchive> {
  const archive = await openArchive(file);
  try {
    return {
      modelName: archive.manifest?.model.modelName ?? null,
      modelVersion: archive.manifest?.model.modelVersion ?? null,
      metadata: hasEntry(archive, METADATA_ENTRY) ? await readMetadataEntry(archive) : null,
      pre: parts.pre ? await readChain(archive, 'pre') : null,
      post: parts.post ? await readChain(archive, 'post') : null,
    };
  } finally {
    await archive.close();
  }
}
