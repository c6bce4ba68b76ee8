import { compressionError, unsupportedError } from '../dicom-error.js';
import { buildHuffman, type HuffmanTable } from './huffman.js';

/** The tables of a JPEG stream up to its first scan, and that scan's header. */
export interface JpegSegments {
  /** By class × 16 + destination: class 0 for differences, 1 for AC coefficients. */
  readonly huffman: ReadonlyMap<number, HuffmanTable>;
  /** By destination, 64 steps in zigzag order. */
  readonly quantization: ReadonlyMap<number, Uint16Array>;
  /** Identifier, sampling factors (horizontal × 16 + vertical) and quantization table of each component. */
  readonly components: readonly { readonly id: number; readonly sampling: number; readonly quantization: number }[];
  /** Huffman destinations (difference × 16 + AC) of each component of the scan, in its order. */
  readonly scan: readonly { readonly id: number; readonly tables: number }[];
  /** Ss: the predictor of a lossless scan. */
  readonly start: number;
  /** Al: the point transform of a lossless scan. */
  readonly low: number;
  readonly restartInterval: number;
  /** Where the entropy-coded data begin. */
  readonly dataAt: number;
}

/** Reads the marker segments of a JPEG stream (ITU T.81 B.2). Throws IMAGE_COMPRESSION, DICOM_UNSUPPORTED. */
export function readSegments(bytes: Uint8Array, file: string): JpegSegments {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const huffman = new Map<number, HuffmanTable>();
  const quantization = new Map<number, Uint16Array>();
  let components: JpegSegments['components'] = [];
  let restartInterval = 0;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    if (end > bytes.length || end < at + 4) break;
    const body = bytes.subarray(at + 4, end);
    if (marker === 0xc4) readHuffman(body, huffman, file);
    if (marker === 0xdb) readQuantization(body, quantization, file);
    if (marker === 0xdd && body.length >= 2) restartInterval = view.getUint16(at + 4);
    if (marker >= 0xc0 && marker <= 0xc3) {
      components = triples(body, 6, body[5] ?? 0).map(([id, sampling, table]) => ({
        id,
        sampling,
        quantization: table,
      }));
    }
    if (marker === 0xda) {
      const count = body[0] ?? 0;
      if (count !== components.length) {
        throw unsupportedError(
          file,
          'a JPEG frame has several scans',
          'Decompress it first, for example with dcmdjpeg.',
        );
      }
      if (body.length < 4 + 2 * count) break;
      const scan = Array.from({ length: count }, (_, n) => ({ id: body[1 + 2 * n]!, tables: body[2 + 2 * n]! }));
      const [start, , approximation] = body.subarray(1 + 2 * count) as unknown as [number, number, number];
      return {
        ...{ huffman, quantization, components, scan, start, restartInterval },
        low: approximation & 15,
        dataAt: end,
      };
    }
    at = end;
  }
  throw compressionError(file, 'a JPEG stream has no scan');
}

function triples(body: Uint8Array, from: number, count: number): [number, number, number][] {
  return Array.from({ length: count }, (_, n) => {
    const at = from + 3 * n;
    return [body[at] ?? 0, body[at + 1] ?? 0, body[at + 2] ?? 0];
  });
}

function readHuffman(body: Uint8Array, tables: Map<number, HuffmanTable>, file: string): void {
  for (let at = 0; at + 17 <= body.length; ) {
    const counts = body.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (at + 17 + total > body.length) throw compressionError(file, 'a Huffman table of a JPEG stream is cut off');
    tables.set(body[at]!, buildHuffman(counts, body.subarray(at + 17, at + 17 + total)));
    at += 17 + total;
  }
}

function readQuantization(body: Uint8Array, tables: Map<number, Uint16Array>, file: string): void {
  for (let at = 0; at < body.length; ) {
    const wide = body[at]! >> 4 > 0 ? 2 : 1;
    if (at + 1 + 64 * wide > body.length)
      throw compressionError(file, 'a quantization table of a JPEG stream is cut off');
    const from = at + 1;
    tables.set(
      body[at]! & 15,
      Uint16Array.from({ length: 64 }, (_, n) =>
        wide === 2 ? body[from + 2 * n]! * 256 + body[from + 2 * n + 1]! : body[from + n]!,
      ),
    );
    at = from + 64 * wide;
  }
}
