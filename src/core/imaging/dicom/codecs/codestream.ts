import { compressionError } from '../dicom-error.js';
import type { PixelFormat } from '../pixel-format.js';

/** What a codestream says about itself before its data. */
export interface CodestreamFacts {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly precision: number;
  /** The second byte of the frame marker: 0xc0 baseline, 0xc3 lossless, 0xf7 JPEG-LS; 0x51 for JPEG 2000. */
  readonly marker: number;
  /** Where the frame header begins, behind its length. */
  readonly at: number;
}

const isFrameMarker = (marker: number): boolean =>
  marker === 0xf7 || (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc);

/** Reads the frame header of a JPEG or JPEG-LS stream (ITU T.81 B.2.2). Throws IMAGE_COMPRESSION. */
export function readJpegFacts(bytes: Uint8Array, file: string): CodestreamFacts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw compressionError(file, 'a compressed frame is no JPEG stream');
  for (let at = 2; at + 10 <= bytes.length; ) {
    if (bytes[at] !== 0xff) break;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (isFrameMarker(marker)) {
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      return { width, height, components: bytes[at + 9]!, precision: bytes[at + 4]!, marker, at: at + 4 };
    }
    at += 2 + view.getUint16(at + 2);
  }
  throw compressionError(file, 'a JPEG stream has no frame header');
}

/** Reads the size marker of a JPEG 2000 codestream, bare or inside a JP2 file (ITU T.800 A.5.1). Throws IMAGE_COMPRESSION. */
export function readJpeg2000Facts(bytes: Uint8Array, file: string): CodestreamFacts & { readonly signed: boolean } {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096)).indexOf('ff4fff51', 0, 'hex');
  if (at < 0 || at + 45 > bytes.length) throw compressionError(file, 'a compressed frame is no JPEG 2000 codestream');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (place: number): number => view.getUint32(at + place);
  const depth = bytes[at + 42]!;
  return {
    width: word(8) - word(16),
    height: word(12) - word(20),
    components: view.getUint16(at + 40),
    precision: (depth & 0x7f) + 1,
    signed: depth > 127,
    marker: 0x51,
    at,
  };
}

/** Refuses, before anything is decoded, a codestream whose picture is not the one that the file declares. */
export function checkSize(
  { width, height, components, precision }: CodestreamFacts,
  { rows, columns, samples, bitsAllocated }: PixelFormat,
  file: string,
): void {
  if (width === columns && height === rows && components === samples && precision <= bitsAllocated && precision > 0)
    return;
  throw compressionError(
    file,
    `a compressed frame is ${width} × ${height} × ${components} of ${precision} bits; expected ${columns} × ${rows} × ${samples} of at most ${bitsAllocated}`,
  );
}
