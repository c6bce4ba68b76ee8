import { isPickle } from '../../legacy/read-pickle.js';

export type BodyKind = 'msgpack' | 'json' | 'pickle' | 'npy' | 'npz' | 'nifti' | 'file' | 'text' | 'unknown';

const MSGPACK = ['application/msgpack', 'application/x-msgpack', 'application/vnd.msgpack'];
const FILES = ['application/dicom', 'application/gzip', 'application/x-gzip', 'application/zip', 'application/x-nifti'];

/** True for the types that say nothing: what Eisen's client sends, and what curl sends when it knows no better. */
export function isUntyped(mime: string): boolean {
  return mime === '' || mime === 'application/octet-stream' || mime === 'binary/octet-stream';
}

/** The kind that a media type names. A type never selects anything that executes: pickle is a closed-list reader. */
export function kindOfType(mime: string): BodyKind {
  if (MSGPACK.includes(mime)) return 'msgpack';
  if (mime === 'application/json' || mime.endsWith('+json')) return 'json';
  if (mime === 'application/x-npy') return 'npy';
  if (mime === 'application/x-npz') return 'npz';
  if (mime.startsWith('image/') || mime.startsWith('application/x-nifti') || FILES.includes(mime)) return 'file';
  if (mime.startsWith('text/')) return 'text';
  return 'unknown';
}

const startsWith = (bytes: Uint8Array, ...start: number[]): boolean => start.every((byte, n) => bytes[n] === byte);

/** The kind of an untyped body by its first bytes; `msgpack` unless they say something else. */
export function kindOfBytes(bytes: Uint8Array): BodyKind {
  if (isPickle(bytes)) return 'pickle';
  const first = bytes[0] ?? 0;
  if (startsWith(bytes, 0x89, 0x50, 0x4e, 0x47)) return 'file';
  if ((first >= 0x80 && first <= 0x8f) || first === 0xde || first === 0xdf) return 'msgpack';
  if (startsWith(bytes, 0x93, 0x4e, 0x55, 0x4d)) return 'npy';
  if (first === 0x7b) return 'json';
  if (isFile(bytes)) return 'file';
  return 'msgpack';
}

function isFile(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (startsWith(bytes, 0x1f, 0x8b) || startsWith(bytes, 0x50, 0x4b) || startsWith(bytes, 0xff, 0xd8)) return true;
  if (startsWith(bytes, 0x49, 0x49, 0x2a, 0) || startsWith(bytes, 0x4d, 0x4d, 0, 0x2a)) return true;
  if (bytes.length >= 132 && Buffer.from(bytes.buffer, bytes.byteOffset + 128, 4).toString('latin1') === 'DICM')
    return true;
  if (
    Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(10, bytes.length))
      .toString('latin1')
      .match(/^(NRRD|ObjectType)/)
  )
    return true;
  if (bytes.length < 348) return false;
  return [348, 540].some((size) => view.getInt32(0, true) === size || view.getInt32(0, false) === size);
}

/** True when the bytes are a gzip stream. */
export function isGzipped(bytes: Uint8Array): boolean {
  return startsWith(bytes, 0x1f, 0x8b);
}
