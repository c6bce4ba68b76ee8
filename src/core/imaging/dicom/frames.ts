import type { DicomFile, Element } from './dataset.js';
import { compressionError } from './dicom-error.js';
import { TAG } from './tags.js';

/**
 * The compressed bytes of each frame. Frames and fragments are one to one, or all fragments make the only frame, or an
 * offset table says which fragments begin a frame (DICOM PS3.5 A.4), or the codestreams themselves do. Throws
 * IMAGE_COMPRESSION when nothing of this gives `frames` frames.
 */
export function splitFrames(element: Element, frames: number, file: DicomFile): Uint8Array[] {
  const [table, ...fragments] = element.fragments ?? [];
  if (fragments.length === frames) return fragments;
  if (frames === 1 && fragments.length > 0) return [join(fragments)];
  const starts =
    startsByOffsets(readExtendedOffsets(file), fragments) ??
    startsByOffsets(readOffsets(table ?? new Uint8Array(0)), fragments) ??
    fragments.flatMap((fragment, n) => (beginsCodestream(fragment) ? [n] : []));
  if (starts.length !== frames || starts[0] !== 0) {
    throw compressionError(file.name, `${fragments.length} pixel fragments do not make ${frames} frames`);
  }
  return starts.map((start, n) => join(fragments.slice(start, starts[n + 1])));
}

function join(fragments: readonly Uint8Array[]): Uint8Array {
  return fragments.length === 1 ? fragments[0]! : Buffer.concat(fragments);
}

/** Basic offset table: 32-bit offsets from the first fragment's item tag. */
function readOffsets(table: Uint8Array): number[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  return Array.from({ length: table.byteLength >> 2 }, (_, n) => view.getUint32(4 * n, true));
}

function readExtendedOffsets({ dataset }: DicomFile): number[] {
  const bytes = dataset.get(TAG.frameOffsets)?.bytes ?? new Uint8Array(0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength >> 3 }, (_, n) => Number(view.getBigUint64(8 * n, true)));
}

/** Which fragment stands at each offset; undefined when there is no table or an offset lies between fragments. */
function startsByOffsets(offsets: readonly number[], fragments: readonly Uint8Array[]): number[] | undefined {
  if (offsets.length === 0) return undefined;
  const places = new Map<number, number>();
  let at = 0;
  fragments.forEach((fragment, n) => {
    places.set(at, n);
    at += 8 + fragment.length;
  });
  const starts = offsets.map((offset) => places.get(offset) ?? -1);
  return starts.every((start, n) => start > (n === 0 ? -1 : starts[n - 1]!)) ? starts : undefined;
}

/** JPEG and JPEG-LS begin with SOI, JPEG 2000 with SOC and SIZ. */
function beginsCodestream(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0xff) return false;
  return (bytes[1] === 0xd8 && bytes[2] === 0xff) || (bytes[1] === 0x4f && bytes[2] === 0xff && bytes[3] === 0x51);
}
