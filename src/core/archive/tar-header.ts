import { decodeEntryName } from './entry-name.js';
import { refuse } from './refuse.js';

export const TAR_BLOCK = 512;

/** One 512-byte header. */
export interface TarHeader {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly bytes: number;
}

function readOctal(block: Buffer, start: number, length: number, what: string, where: string): number {
  const field = block.subarray(start, start + length);
  if ((field[0]! & 0x80) !== 0) {
    // GNU's base 256: a leading 0x80, then a big-endian number; a set sign bit would be a negative size.
    if (field[0] !== 0x80 || field.subarray(1, length - 6).some((byte) => byte !== 0)) {
      throw refuse('MAR_TAR_SIZE', where, `a header has a ${what} that is negative or past any file.`);
    }
    return field.readUIntBE(length - 6, 6);
  }
  const text = field
    .toString('latin1')
    .replace(/[\0 ]+$/, '')
    .trimStart();
  if (!/^[0-7]*$/.test(text)) throw refuse('MAR_TAR_SIZE', where, `a header has a ${what} that is no octal number.`);
  return text === '' ? 0 : Number.parseInt(text, 8);
}

/** The bytes of a text field up to its first NUL. */
export function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function checksum(block: Buffer): number {
  let sum = 8 * 32;
  for (let at = 0; at < TAR_BLOCK; at += 1) if (at < 148 || at >= 156) sum += block[at]!;
  return sum;
}

/** True for a block with the mark of POSIX or, as older tars have none, the checksum of a header. */
export function looksLikeTar(block: Buffer): boolean {
  if (block.toString('latin1', 257, 262) === 'ustar') return true;
  const written = /^ *([0-7]+)[\0 ]*$/.exec(block.toString('latin1', 148, 156));
  return written !== null && Number.parseInt(written[1]!, 8) === checksum(block);
}

/** Parses a header block that is not all zeros; throws MAR_TAR_HEADER or MAR_TAR_SIZE. */
export function parseTarHeader(block: Buffer, where: string): TarHeader {
  if (readOctal(block, 148, 8, 'checksum', where) !== checksum(block)) {
    throw refuse('MAR_TAR_HEADER', where, 'the checksum of a tar header is wrong.');
  }
  const name = untilNul(block.subarray(0, 100));
  // The prefix is POSIX's; GNU keeps other things in the same bytes.
  const prefix =
    block.subarray(257, 263).toString('latin1') === 'ustar\0' ? untilNul(block.subarray(345, 500)) : Buffer.alloc(0);
  const joined = prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]);
  return {
    name: decodeEntryName(joined, true, where),
    type: block[156] === 0 ? '0' : String.fromCharCode(block[156]!),
    mode: readOctal(block, 100, 8, 'mode', where),
    bytes: readOctal(block, 124, 12, 'size', where),
  };
}
