import { DTYPES, type DType } from '../tensor/dtype.js';
import type { Plain } from '../tensor/value.js';

/** Collects pieces of a stream; big parts are kept as they are, not copied. */
export interface PickleWriter {
  readonly pieces: Uint8Array[];
}

const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');

export function raw(writer: PickleWriter, codes: string): void {
  writer.pieces.push(ascii(codes));
}

function sized(writer: PickleWriter, code: string, size: number, bytes: 4 | 8): void {
  const head = Buffer.alloc(1 + bytes);
  head.write(code, 0, 'latin1');
  if (bytes === 4) head.writeUInt32LE(size, 1);
  else head.writeBigUInt64LE(BigInt(size), 1);
  writer.pieces.push(head);
}

export function writeText(writer: PickleWriter, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.byteLength < 0x1_0000_0000) sized(writer, 'X', bytes.byteLength, 4);
  else sized(writer, '\x8d', bytes.byteLength, 8);
  writer.pieces.push(bytes);
}

export function writeBytes(writer: PickleWriter, pieces: readonly Uint8Array[]): void {
  const size = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  if (size < 0x1_0000_0000) sized(writer, 'B', size, 4);
  else sized(writer, '\x8e', size, 8);
  writer.pieces.push(...pieces);
}

function writeInteger(writer: PickleWriter, value: bigint): void {
  if (value >= -0x8000_0000n && value <= 0x7fff_ffffn) {
    const piece = Buffer.alloc(5);
    piece.write('J', 0, 'latin1');
    piece.writeInt32LE(Number(value), 1);
    writer.pieces.push(piece);
    return;
  }
  const digits: number[] = [];
  let rest = value;
  while (!((rest === 0n && digits.at(-1)! < 0x80) || (rest === -1n && digits.at(-1)! >= 0x80))) {
    digits.push(Number(rest & 0xffn));
    rest >>= 8n;
  }
  writer.pieces.push(Buffer.from([0x8a, digits.length, ...digits]));
}

/** A whole number becomes a Python int, any other a float. */
function writeNumber(writer: PickleWriter, value: number | bigint): void {
  if (typeof value === 'bigint' || (Number.isSafeInteger(value) && !Object.is(value, -0))) {
    writeInteger(writer, BigInt(value));
    return;
  }
  const piece = Buffer.alloc(9);
  piece.write('G', 0, 'latin1');
  piece.writeDoubleBE(value, 1);
  writer.pieces.push(piece);
}

export function writePlain(writer: PickleWriter, value: Plain): void {
  if (value === null) raw(writer, 'N');
  else if (typeof value === 'boolean') raw(writer, value ? '\x88' : '\x89');
  else if (typeof value === 'number' || typeof value === 'bigint') writeNumber(writer, value);
  else if (typeof value === 'string') writeText(writer, value);
  else if (Array.isArray(value)) {
    raw(writer, '](');
    for (const item of value) writePlain(writer, item);
    raw(writer, 'e');
  } else {
    raw(writer, '}(');
    for (const [key, item] of Object.entries(value)) {
      writeText(writer, key);
      writePlain(writer, item);
    }
    raw(writer, 'u');
  }
}

/**
 * One array, C order, little-endian, as `_reconstruct` and its state. The module is named numpy.core.multiarray
 * because numpy 1 has no other name for it and numpy 2 keeps this one for exactly this purpose.
 */
export function writeArray(
  writer: PickleWriter,
  array: { dtype: DType; shape: readonly number[]; pieces: readonly Uint8Array[] },
): void {
  const { numpy, bytes } = DTYPES[array.dtype];
  raw(writer, 'cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R(K\x01(');
  for (const axis of array.shape) writeNumber(writer, axis);
  raw(writer, `tcnumpy\ndtype\nX${String.fromCharCode(numpy.length)}\0\0\0${numpy}\x89\x88\x87R`);
  raw(writer, `(K\x03X\x01\0\0\0${bytes === 1 ? '|' : '<'}NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89`);
  writeBytes(writer, array.pieces);
  raw(writer, 'tb');
}
