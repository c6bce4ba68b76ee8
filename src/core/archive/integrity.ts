import { createHash } from 'node:crypto';
import { isEisenError } from '../errors/error.js';
import { parseJson } from '../tensor/json.js';
import type { Plain } from '../tensor/value.js';
import type { Archive } from './archive.js';
import { refuse, showText } from './refuse.js';

export const INTEGRITY_NAME = 'MAR-INF/INTEGRITY.json';
const FORMAT = 'eisen-integrity/1';

/** What an entry must be. */
export interface IntegrityRow {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The list of all other entries with size and SHA-256, in one canonical form: sorted by name, one line each. */
export function renderIntegrity(rows: readonly IntegrityRow[]): string {
  const sorted = [...rows].sort((a, b) => (a.name < b.name ? -1 : 1));
  const lines = sorted.map(({ name, bytes, sha256 }) => `    ${JSON.stringify({ name, bytes, sha256 })}`);
  return `{\n  "format": "${FORMAT}",\n  "entries": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

function parseRow(row: Plain, where: string): IntegrityRow {
  const object = typeof row === 'object' && row !== null && !Array.isArray(row) ? row : {};
  const [name, bytes, sha256] = ['name', 'bytes', 'sha256'].map((key) =>
    Object.hasOwn(object, key) ? object[key] : undefined,
  );
  if (
    typeof name !== 'string' ||
    typeof bytes !== 'number' ||
    typeof sha256 !== 'string' ||
    !/^[0-9a-f]{64}$/.test(sha256)
  ) {
    throw refuse('MAR_INTEGRITY', where, 'a row is not of the form {"name", "bytes", "sha256"}.');
  }
  return { name, bytes, sha256 };
}

export function parseIntegrity(bytes: Uint8Array, where: string): IntegrityRow[] {
  let json: Plain;
  try {
    json = parseJson(bytes, where, { duplicateKeys: 'refuse' });
  } catch (cause) {
    if (isEisenError(cause)) throw refuse('MAR_INTEGRITY', where, 'it is not JSON of the accepted form.', { cause });
    throw cause;
  }
  const object = typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {};
  const rows = Object.hasOwn(object, 'entries') ? object['entries'] : undefined;
  if (object['format'] !== FORMAT || !Array.isArray(rows)) {
    throw refuse('MAR_INTEGRITY', where, `it is not of the form ${FORMAT}.`);
  }
  return rows.map((row) => parseRow(row, where));
}

/** Reads every entry of the list and compares: throws MAR_INTEGRITY at the first that is missing, unlisted or different. */
export async function checkIntegrity(archive: Archive, rows: readonly IntegrityRow[], where: string): Promise<void> {
  const listed = new Map(rows.map((row) => [row.name, row]));
  if (listed.size !== rows.length) throw refuse('MAR_INTEGRITY', where, 'an entry is listed twice.');
  for (const entry of archive.entries) {
    if (entry.name === INTEGRITY_NAME) continue;
    const at = `${where}: entry '${showText(entry.name)}'`;
    const row = listed.get(entry.name);
    if (row === undefined) throw refuse('MAR_INTEGRITY', at, 'the integrity list does not name it.');
    if (row.bytes !== entry.bytes)
      throw refuse('MAR_INTEGRITY', at, `it has ${entry.bytes} bytes; the integrity list says ${row.bytes}.`);
    const hash = createHash('sha256');
    for await (const piece of archive.streamEntry(entry.name)) hash.update(piece);
    if (hash.digest('hex') !== row.sha256) throw refuse('MAR_INTEGRITY', at, 'its SHA-256 is not the listed one.');
    listed.delete(entry.name);
  }
  for (const name of listed.keys())
    throw refuse('MAR_INTEGRITY', where, `the listed entry '${showText(name)}' is missing.`);
}
