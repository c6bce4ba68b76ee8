import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import { arrayBytes, viewArray } from './array-bytes.js';
import { DTYPES } from './dtype.js';
import { countElements, isContiguous, type NdArray } from './ndarray.js';
import { parseNumpyDType, renderNumpyDType } from './numpy-dtype.js';

const MAGIC = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]);
const HEADER = /^\{ *'descr': *'([^']{1,16})', *'fortran_order': *(True|False), *'shape': *\(([\dL, ]*)\),? *\}\s*$/;

function fail(where: string, what: string): never {
  throw new EisenError('NPY_INVALID', `${where}: ${what}.`, { where });
}

/** True when the bytes start as an .npy file does. */
export function isNpy(bytes: Uint8Array): boolean {
  return bytes.length >= MAGIC.length && MAGIC.equals(bytes.subarray(0, MAGIC.length));
}

function parseHeader(text: string, where: string): { descr: string; order: 'C' | 'F'; shape: number[] } {
  const match = HEADER.exec(text);
  if (match === null) {
    return fail(where, `the header ${text.slice(0, 60).trim()}… is no plain array; structured dtypes are not read`);
  }
  const axes = match[3]!.split(',').map((axis) => axis.trim());
  if (axes.at(-1) === '') axes.pop();
  if (!axes.every((axis) => /^\d{1,16}L?$/.test(axis))) fail(where, `the shape (${match[3]!.slice(0, 40)}) is damaged`);
  const shape = axes.map((axis) => Number.parseInt(axis, 10));
  if (shape.length > LIMITS.tensorRank) fail(where, `rank ${shape.length}; expected at most ${LIMITS.tensorRank}`);
  return { descr: match[1]!, order: match[2] === 'True' ? 'F' : 'C', shape };
}

/**
 * Reads an .npy file of format 1, 2 or 3 as numpy.save writes it. The elements are viewed in place where they can be.
 * Throws NPY_INVALID for another magic, version or header, for pickled objects, and unless the bytes are exactly those
 * of the shape (TENSOR_DATA).
 */
export function decodeNpy(bytes: Uint8Array, where = 'npy'): NdArray {
  if (!isNpy(bytes) || bytes.length < 10) fail(where, 'the file does not start with \\x93NUMPY');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = bytes[6]!;
  if (major < 1 || major > 3) fail(where, `format version ${major}; expected 1, 2 or 3`);
  const start = major === 1 ? 10 : 12;
  if (bytes.length < start) fail(where, 'the file ends inside of its header');
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > LIMITS.npyHeaderBytes) {
    fail(where, `the header claims ${length} bytes; expected at most ${LIMITS.npyHeaderBytes}`);
  }
  if (length > bytes.length - start) fail(where, `the header claims ${length} bytes; the file ends before`);
  const header = Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString(major === 3 ? 'utf8' : 'latin1');
  const { descr, order, shape } = parseHeader(header, where);
  return viewArray(bytes.subarray(start + length), parseNumpyDType(descr, where), { shape, order, where });
}

/** Spaces that numpy leaves so that a file can grow along its first axis without moving (21 digits). */
function growthPadding(shape: readonly number[], order: 'C' | 'F'): number {
  if (shape.length === 0) return 0;
  return 21 - String(order === 'F' ? shape.at(-1) : shape[0]).length;
}

/** Writes an .npy file of format 1.0, byte for byte as numpy.save does: header and payload, the payload not copied. */
export function encodeNpy(array: NdArray): Uint8Array[] {
  const order = !isContiguous(array, 'C') && isContiguous(array, 'F') ? 'F' : 'C';
  const shape = array.shape.length === 1 ? `${array.shape[0]},` : array.shape.join(', ');
  const text = `{'descr': '${renderNumpyDType(array.dtype)}', 'fortran_order': ${order === 'F' ? 'True' : 'False'}, 'shape': (${shape}), }`;
  const grown = text + ' '.repeat(growthPadding(array.shape, order));
  const padded = grown.padEnd(Math.ceil((grown.length + 11) / 64) * 64 - 11);
  const header = Buffer.alloc(10 + padded.length + 1);
  MAGIC.copy(header);
  header[6] = 1;
  header.writeUInt16LE(padded.length + 1, 8);
  header.write(`${padded}\n`, 10, 'latin1');
  return [header, order === 'C' ? arrayBytes(array) : fortranBytes(array)];
}

function fortranBytes(array: NdArray): Uint8Array {
  const size = DTYPES[array.dtype].bytes;
  return new Uint8Array(
    array.data.buffer,
    array.data.byteOffset + array.offset * size,
    countElements(array.shape) * size,
  );
}
