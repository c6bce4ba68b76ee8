import type { TypedArray } from '../../../tensor/dtype.js';
import type { PixelFormat } from '../pixel-format.js';

/**
 * Decodes one compressed frame to its samples, pixel after pixel; signed numbers only where the codestream says so.
 * Throws IMAGE_COMPRESSION for damage and for another size than the file's, DICOM_UNSUPPORTED for a form not read here.
 */
export type FrameCodec = (
  frame: Uint8Array,
  format: PixelFormat,
  file: string,
) => Promise<Exclude<TypedArray, BigInt64Array | BigUint64Array>> | Exclude<TypedArray, BigInt64Array | BigUint64Array>;
