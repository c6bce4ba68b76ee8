import { LIMITS } from '../../limits.js';
import type { TypedArray } from '../../tensor/dtype.js';
import { type NdArray, wrapNdArray } from '../../tensor/ndarray.js';
import type { DicomFile, Element } from './dataset.js';
import { dicomError } from './dicom-error.js';
import { readCount, readText } from './element-values.js';
import { TAG } from './tags.js';

/** How the pixels of a file are stored. */
export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly frames: number;
  readonly bitsAllocated: 8 | 16 | 32;
  readonly bitsStored: number;
  readonly signed: boolean;
}

export function readPixelFormat(file: DicomFile): PixelFormat {
  const { dataset, name } = file;
  const count = (tag: number, fallback?: number): number => {
    const value = readCount(dataset, tag, file) ?? fallback;
    if (value === undefined) throw dicomError(name, 'rows, columns or the bits of a pixel are not told');
    return value;
  };
  const bitsAllocated = count(TAG.bitsAllocated);
  const format = {
    rows: count(TAG.rows),
    columns: count(TAG.columns),
    samples: count(TAG.samples, 1),
    frames: Number(readText(dataset, TAG.frames) ?? '1'),
    bitsAllocated: bitsAllocated as 8 | 16 | 32,
    bitsStored: count(TAG.bitsStored, bitsAllocated),
    signed: count(TAG.pixelRepresentation, 0) === 1,
  };
  if (![8, 16, 32].includes(bitsAllocated)) {
    throw dicomError(name, `a pixel has ${bitsAllocated} bits; expected 8, 16 or 32`);
  }
  if (format.bitsStored < 1 || format.bitsStored > bitsAllocated) {
    throw dicomError(name, `${format.bitsStored} of ${bitsAllocated} bits are stored, which cannot be`);
  }
  if (!(format.rows > 0 && format.columns > 0 && Number.isSafeInteger(format.frames) && format.frames > 0)) {
    throw dicomError(name, `the picture is ${format.columns} × ${format.rows}, ${format.frames} frames`);
  }
  return format;
}

/** Bytes that all frames take once unpacked. */
function pixelBytes({ rows, columns, samples, frames, bitsAllocated }: PixelFormat): number {
  return rows * columns * samples * frames * (bitsAllocated / 8);
}

/**
 * The stored values of every frame, without rescaling: (rows, columns), (frames, rows, columns) or, with several samples
 * a pixel, (…, samples), as pydicom's pixel_array. Throws DICOM_INVALID when the pixels are missing, short or damaged.
 */
export function readPixelArray(file: DicomFile): NdArray {
  const format = readPixelFormat(file);
  const element = file.dataset.get(TAG.pixelData);
  if (!element) throw dicomError(file.name, 'there are no pixel data');
  const expected = pixelBytes(format);
  if (expected > LIMITS.tensorBytes) throw dicomError(file.name, `the pixels would take ${expected} bytes`);
  const bytes = element.fragments ? unpackRle(element, format, file) : element.bytes;
  if (bytes.length < expected) {
    throw dicomError(
      file.name,
      `there are ${bytes.length} bytes of pixels; expected ${expected}`,
      'The file is cut off.',
    );
  }
  const words = toWords(bytes.subarray(0, expected), format, file.littleEndian);
  cutToStored(words, format);
  const shape = [format.rows, format.columns];
  if (format.frames > 1) shape.unshift(format.frames);
  if (format.samples > 1) shape.push(format.samples);
  return wrapNdArray(`${format.signed ? 'int' : 'uint'}${format.bitsAllocated}`, shape, words);
}

function toWords(bytes: Uint8Array, { bitsAllocated, signed }: PixelFormat, littleEndian: boolean): TypedArray {
  const copy = Buffer.from(new Uint8Array(bytes).buffer);
  if (!littleEndian && bitsAllocated === 16) copy.swap16();
  if (!littleEndian && bitsAllocated === 32) copy.swap32();
  const kinds = { 8: [Uint8Array, Int8Array], 16: [Uint16Array, Int16Array], 32: [Uint32Array, Int32Array] } as const;
  return new kinds[bitsAllocated][signed ? 1 : 0](copy.buffer);
}

/** Bits above the stored ones may hold overlays: cleared, or filled with the sign. */
function cutToStored(words: TypedArray, { bitsAllocated, bitsStored, signed }: PixelFormat): void {
  if (bitsStored === bitsAllocated) return;
  const shift = 32 - bitsStored;
  for (let n = 0; n < words.length; n += 1) {
    const high = Number(words[n]) << shift;
    words[n] = signed ? high >> shift : high >>> shift;
  }
}

/** RLE Lossless: each frame is one fragment of byte planes, most significant first. See DICOM PS3.5 annex G. */
function unpackRle(element: Element, format: PixelFormat, file: DicomFile): Uint8Array {
  const fragments = (element.fragments ?? []).slice(1);
  const planes = format.samples * (format.bitsAllocated / 8);
  const pixels = format.rows * format.columns;
  if (fragments.length !== format.frames) {
    throw dicomError(file.name, `there are ${fragments.length} compressed frames; expected ${format.frames}`);
  }
  const out = new Uint8Array(pixelBytes(format));
  fragments.forEach((fragment, frame) => {
    const view = new DataView(fragment.buffer, fragment.byteOffset, fragment.byteLength);
    if (fragment.length < 64 || view.getUint32(0, true) !== planes) {
      throw dicomError(file.name, `frame ${frame} has not the ${planes} byte planes that it needs`);
    }
    const width = format.bitsAllocated / 8;
    for (let plane = 0; plane < planes; plane += 1) {
      const from = view.getUint32(4 + plane * 4, true);
      const sample = Math.floor(plane / width);
      const byte = width - 1 - (plane % width);
      const at = frame * pixels * planes + sample * width + byte;
      unpackPlane({ input: fragment, from, out, at, step: planes, count: pixels, file });
    }
  });
  return out;
}

interface PlaneJob {
  readonly input: Uint8Array;
  readonly from: number;
  readonly out: Uint8Array;
  readonly at: number;
  readonly step: number;
  readonly count: number;
  readonly file: DicomFile;
}

function unpackPlane({ input, from, out, at, step, count, file }: PlaneJob): void {
  let read = from;
  let written = 0;
  while (written < count) {
    if (read >= input.length) throw dicomError(file.name, 'a compressed frame ends too early');
    const control = input[read]!;
    read += 1;
    if (control === 128) continue;
    const literal = control < 128;
    const length = Math.min(literal ? control + 1 : 257 - control, count - written);
    for (let n = 0; n < length; n += 1) out[at + (written + n) * step] = input[literal ? read + n : read] ?? 0;
    written += length;
    read += literal ? control + 1 : 1;
  }
}
