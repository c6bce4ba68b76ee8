import { compressionError, unsupportedError } from '../dicom-error.js';
import type { PixelFormat } from '../pixel-format.js';
import { readJpegFacts } from './codestream.js';
import { type BitReader, createBitReader, type HuffmanTable } from './huffman.js';
import { inverseDct } from './inverse-dct.js';
import { readSegments } from './jpeg-segments.js';

/** Place in a block, row-major, of each coefficient in zigzag order. */
const ZIGZAG = Uint8Array.of(
  ...[0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21],
  ...[28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61],
  ...[54, 47, 55, 62, 63],
);

/** Sequential JPEG of 12 bits and one component (ITU T.81 F.2), which libjpeg-turbo's common build does not decode. */
export function decodeTwelveBitJpeg(frame: Uint8Array, format: PixelFormat, file: string): Uint16Array {
  const facts = readJpegFacts(frame, file);
  if (facts.marker > 0xc1 || facts.precision !== 12 || format.samples !== 1) {
    throw unsupportedError(
      file,
      `a JPEG frame of ${facts.precision} bits, ${format.samples} samples and process ${facts.marker.toString(16)}`,
      'Decompress it first, for example with dcmdjpeg or gdcmconv --raw.',
    );
  }
  const { huffman, quantization, components, scan, restartInterval, dataAt } = readSegments(frame, file);
  const steps = quantization.get(components[0]!.quantization);
  const [differences, coefficients] = [huffman.get(scan[0]!.tables >> 4), huffman.get(16 + (scan[0]!.tables & 15))];
  if (!steps || !differences || !coefficients) throw compressionError(file, 'a table of a JPEG stream is missing');
  const { rows, columns } = format;
  const [across, down] = [(columns + 7) >> 3, (rows + 7) >> 3];
  // A block costs two bits at least.
  if (across * down > (frame.length - dataAt) * 4) throw compressionError(file, 'a compressed frame ends too early');
  const out = new Uint16Array(rows * columns);
  const block = new Int32Array(64);
  const reader = createBitReader(frame, dataAt);
  let level = 0;
  for (let n = 0; n < across * down; n += 1) {
    if (restartInterval > 0 && n > 0 && n % restartInterval === 0) {
      if (!reader.restart()) throw compressionError(file, 'a restart marker is missing');
      level = 0;
    }
    block.fill(0);
    const size = reader.decode(differences);
    if (size < 0 || size > 16) throw compressionError(file, `block ${n} of a JPEG frame is damaged`);
    level += reader.receive(size);
    block[0] = level * steps[0]!;
    if (!readCoefficients({ block, reader, table: coefficients, steps }) || reader.exhausted()) {
      throw compressionError(file, `block ${n} of a JPEG frame is damaged or missing`);
    }
    inverseDct(block);
    storeBlock({ block, out, rows, columns, x: (n % across) * 8, y: Math.floor(n / across) * 8 });
  }
  return out;
}

interface Coefficients {
  readonly block: Int32Array;
  readonly reader: BitReader;
  readonly table: HuffmanTable;
  readonly steps: Uint16Array;
}

function readCoefficients({ block, reader, table, steps }: Coefficients): boolean {
  for (let k = 1; k < 64; k += 1) {
    const code = reader.decode(table);
    if (code < 0) return false;
    const size = code & 15;
    if (size === 0 && code !== 0xf0) return code === 0;
    k += code >> 4;
    if (k > 63) return false;
    block[ZIGZAG[k]!] = reader.receive(size) * steps[k]!;
  }
  return true;
}

interface Store {
  readonly block: Int32Array;
  readonly out: Uint16Array;
  readonly rows: number;
  readonly columns: number;
  readonly x: number;
  readonly y: number;
}

function storeBlock({ block, out, rows, columns, x, y }: Store): void {
  for (let row = 0; row < 8 && y + row < rows; row += 1) {
    for (let column = 0; column < 8 && x + column < columns; column += 1) {
      const value = block[row * 8 + column]! + 2048;
      out[(y + row) * columns + x + column] = value < 0 ? 0 : value > 4095 ? 4095 : value;
    }
  }
}
