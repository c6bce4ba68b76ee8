import { compressionError } from '../dicom-error.js';
import { checkSize, readJpegFacts } from './codestream.js';
import type { FrameCodec } from './frame-codec.js';
import { decodeTwelveBitJpeg } from './twelve-bit-jpeg.js';

/** The beginning of Adobe's marker, whole as libjpeg wants it. */
const ADOBE = Buffer.from('ffee000e41646f6265', 'hex');

/** JPEG baseline and extended: 8 bits by libjpeg-turbo, 12 bits by our own decoder. */
export const decodeJpeg: FrameCodec = async (frame, format, file) => {
  const facts = readJpegFacts(frame, file);
  checkSize(facts, format, file);
  if (facts.precision > 8) return decodeTwelveBitJpeg(frame, format, file);
  const { default: sharp } = await import('sharp');
  try {
    const picture = sharp(format.photometric === 'RGB' ? markAsRgb(frame) : frame, {
      ignoreIcc: true,
      failOn: 'error',
    });
    const space = format.samples === 1 ? picture.toColourspace('b-w') : picture;
    const { data, info } = await space.raw().toBuffer({ resolveWithObject: true });
    if (info.channels === format.samples) return new Uint8Array(data);
  } catch (cause) {
    throw compressionError(file, 'a JPEG frame cannot be decoded', cause);
  }
  throw compressionError(file, 'a JPEG frame has other colours than the file says');
};

/**
 * A JPEG stream of three components counts as YCbCr unless a marker of Adobe says otherwise; DICOM says it outside. A JFIF
 * stream is YCbCr by its own definition, whatever the file says.
 */
function markAsRgb(frame: Uint8Array): Uint8Array {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  const start = bytes.subarray(0, 4096);
  if (start.includes(ADOBE) || start.includes('JFIF\0')) return frame;
  return Buffer.concat([bytes.subarray(0, 2), ADOBE, Buffer.from('00640000000000', 'hex'), bytes.subarray(2)]);
}
