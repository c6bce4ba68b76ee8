import { LIMITS } from '../../limits.js';
import { DTYPES, type DType, type TypedArray } from '../../tensor/dtype.js';
import { type NdArray, wrapNdArray } from '../../tensor/ndarray.js';
import type { FrameCodec } from './codecs/frame-codec.js';
import { decodeJpeg } from './codecs/jpeg.js';
import { decodeJpeg2000 } from './codecs/jpeg-2000.js';
import { decodeJpegLossless } from './codecs/jpeg-lossless.js';
import { decodeJpegLs } from './codecs/jpeg-ls.js';
import { decodeRle } from './codecs/rle.js';
import type { DicomFile } from './dataset.js';
import { compressionError, dicomError, unsupportedError } from './dicom-error.js';
import { splitFrames } from './frames.js';
import { frameSamples, type PixelFormat, readPixelFormat } from './pixel-format.js';
import { TAG } from './tags.js';
import { type PixelCodec, TRANSFER_SYNTAXES } from './transfer-syntaxes.js';

const CODECS: Readonly<Record<PixelCodec, FrameCodec>> = {
  rle: decodeRle,
  jpeg: decodeJpeg,
  'jpeg-lossless': decodeJpegLossless,
  'jpeg-ls': decodeJpegLs,
  'jpeg-2000': decodeJpeg2000,
};

/** The stored values of a file, frame by frame, before any of them is decoded. */
export interface PixelSource {
  readonly format: PixelFormat;
  readonly dtype: DType;
  /** Decodes frame `n` to its stored values, without rescaling, pixel after pixel. */
  readonly readFrame: (n: number) => Promise<TypedArray>;
}

/**
 * Finds the frames of a file. Throws DICOM_INVALID when pixels are missing or too short, IMAGE_COMPRESSION when the
 * compressed bytes cannot be the frames that are declared, DICOM_UNSUPPORTED for pixels that are not read here.
 */
export function openPixels(file: DicomFile): PixelSource {
  const { name, dataset } = file;
  const element = dataset.get(TAG.pixelData);
  if (!element) throw missingPixels(file);
  const format = readPixelFormat(file);
  if (format.photometric.endsWith('_422') && !TRANSFER_SYNTAXES.get(file.transferSyntax)!.codec) {
    throw unsupportedError(name, `the colours are ${format.photometric}`, 'Convert it to RGB first.');
  }
  const size = frameSamples(format);
  const dtype = `${format.signed ? 'int' : 'uint'}${format.bitsAllocated}` as const;
  const frameBytes = (size * format.bitsAllocated) / 8;
  const expected = frameBytes * format.frames;
  if (expected > LIMITS.tensorBytes) throw dicomError(name, `the pixels would take ${expected} bytes`);
  const { codec } = TRANSFER_SYNTAXES.get(file.transferSyntax)!;
  if (!codec || !element.fragments) {
    const { bytes } = element;
    if (codec || element.fragments) throw dicomError(name, 'the pixels are not packed as the transfer syntax says');
    if (bytes.length < expected) {
      throw dicomError(name, `there are ${bytes.length} bytes of pixels; expected ${expected}`, 'The file is cut off.');
    }
    // Bytes that are written as big-endian words lie swapped in pairs.
    const paired = !file.littleEndian && format.bitsAllocated === 8 && element.vr === 'OW';
    const source = paired ? Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16() : bytes;
    const readFrame = async (n: number): Promise<TypedArray> => {
      const words = toWords(source.subarray(n * frameBytes, (n + 1) * frameBytes), dtype, file.littleEndian);
      return cutToStored(format.planar ? interleave(words, format) : words, format);
    };
    return { format, dtype, readFrame };
  }
  const packed = element.fragments.reduce((sum, fragment) => sum + fragment.length, 0);
  if (expected > LIMITS.dicomFreePixelBytes && expected > packed * LIMITS.dicomPixelRatio) {
    throw compressionError(name, `${packed} compressed bytes cannot be ${expected} bytes of pixels`);
  }
  const frames = splitFrames(element, format.frames, file);
  const readFrame = async (n: number): Promise<TypedArray> => {
    const words = new DTYPES[dtype].array(size) as Exclude<TypedArray, BigInt64Array | BigUint64Array>;
    const decoded = await CODECS[codec](frames[n]!, format, name);
    if (decoded.length !== size) throw compressionError(name, `frame ${n + 1} has ${decoded.length} samples`);
    words.set(decoded);
    return cutToStored(words, format);
  };
  return { format, dtype, readFrame };
}

function missingPixels({ dataset, name }: DicomFile): Error {
  if (!dataset.has(TAG.floatPixels) && !dataset.has(TAG.doublePixels)) {
    return dicomError(name, 'there are no pixel data');
  }
  return unsupportedError(name, 'the pixels are floating-point numbers', 'Convert it to NIfTI first.');
}

/**
 * The stored values of every frame, without rescaling: (rows, columns), (frames, rows, columns) or, with several samples
 * a pixel, (…, samples), as pydicom's pixel_array. Throws as openPixels.
 */
export async function readPixelArray(file: DicomFile): Promise<NdArray> {
  const { format, dtype, readFrame } = openPixels(file);
  const size = frameSamples(format);
  const data = new DTYPES[dtype].array(size * format.frames);
  for (let n = 0; n < format.frames; n += 1) data.set((await readFrame(n)) as never, n * size);
  const shape = [format.rows, format.columns];
  if (format.frames > 1) shape.unshift(format.frames);
  if (format.samples > 1) shape.push(format.samples);
  return wrapNdArray(dtype, shape, data);
}

function toWords(bytes: Uint8Array, dtype: DType, littleEndian: boolean): TypedArray {
  const copy = Buffer.from(new Uint8Array(bytes).buffer);
  const { array, bytes: width } = DTYPES[dtype];
  if (!littleEndian && width === 2) copy.swap16();
  if (!littleEndian && width === 4) copy.swap32();
  return new array(copy.buffer, 0, copy.length / width);
}

function interleave(planes: TypedArray, { rows, columns, samples }: PixelFormat): TypedArray {
  const out = planes.slice();
  const size = rows * columns;
  for (let n = 0; n < size; n += 1) {
    for (let sample = 0; sample < samples; sample += 1) out[n * samples + sample] = planes[sample * size + n]!;
  }
  return out;
}

/** Bits above the stored ones may hold overlays: cleared, or filled with the sign. */
function cutToStored(words: TypedArray, { bitsAllocated, bitsStored, signed }: PixelFormat): TypedArray {
  if (bitsStored === bitsAllocated) return words;
  const shift = 32 - bitsStored;
  for (let n = 0; n < words.length; n += 1) {
    const high = Number(words[n]) << shift;
    words[n] = signed ? high >> shift : high >>> shift;
  }
  return words;
}
