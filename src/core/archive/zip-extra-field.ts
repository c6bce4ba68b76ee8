import { refuse } from './refuse.js';

const ZIP64 = 0x0001;
const UNICODE_PATH = 0x7075;

/** The blocks of an extra field by id; throws MAR_EXTRA_FIELD when they do not fill it exactly. */
export function parseExtraField(bytes: Buffer, where: string): Map<number, Buffer> {
  const blocks = new Map<number, Buffer>();
  let at = 0;
  while (at < bytes.length) {
    const length = at + 4 <= bytes.length ? bytes.readUInt16LE(at + 2) : Number.POSITIVE_INFINITY;
    if (at + 4 + length > bytes.length) throw refuse('MAR_EXTRA_FIELD', where, 'an extra field reaches past its end.');
    const id = bytes.readUInt16LE(at);
    if (blocks.has(id) && (id === ZIP64 || id === UNICODE_PATH)) {
      throw refuse('MAR_EXTRA_FIELD', where, `extra field 0x${id.toString(16)} stands there twice.`);
    }
    blocks.set(id, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return blocks;
}

/** Some readers take the name from the Info-ZIP Unicode path field instead of the header: both must be the same. */
export function checkUnicodePath(blocks: ReadonlyMap<number, Buffer>, name: Buffer, where: string): void {
  const block = blocks.get(UNICODE_PATH);
  if (block === undefined) return;
  if (block.length < 5 || !block.subarray(5).equals(name)) {
    throw refuse('MAR_NAME_UNICODE_FIELD', where, 'the Unicode path field gives another name than the header.');
  }
}

/** The 64-bit sizes of a local header, or null when it carries none. */
export function readZip64Sizes(
  blocks: ReadonlyMap<number, Buffer>,
  where: string,
): { readonly bytes: number; readonly storedBytes: number } | null {
  const block = blocks.get(ZIP64);
  if (block === undefined) return null;
  if (block.length < 16) throw refuse('MAR_ZIP64', where, 'the zip64 field of the local header is too short.');
  return { bytes: Number(block.readBigUInt64LE(0)), storedBytes: Number(block.readBigUInt64LE(8)) };
}
