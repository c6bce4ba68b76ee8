import type { Archive } from '../archive/archive.js';
import { LIMITS } from '../limits.js';
import type { Metadata } from '../metadata/metadata.js';
import { parseMetadataValue } from '../metadata/parse-metadata.js';
import { parseJson } from '../tensor/json.js';
import type { Plain } from '../tensor/value.js';
import { METADATA_ENTRY } from './entry-names.js';

/** An entry of JSON. Messages name `where`. Throws MAR_* when it is not there or damaged, and what is wrong with the JSON. */
export async function readJsonEntry(archive: Archive, name: string, where = name): Promise<Plain> {
  const bytes = await archive.readEntry(name, { limitBytes: LIMITS.jsonEntryBytes });
  return parseJson(bytes, where, { duplicateKeys: 'refuse', limitBytes: LIMITS.jsonEntryBytes });
}

/** The metadata that an archive carries. Throws as `readJsonEntry`, and METADATA_INVALID. */
export async function readMetadataEntry(archive: Archive, where = METADATA_ENTRY): Promise<Metadata> {
  return parseMetadataValue(await readJsonEntry(archive, METADATA_ENTRY, where), where);
}
