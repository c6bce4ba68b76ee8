import { compressionError, unsupportedError } from '../dicom-error.js';
import { checkSize, readJpegFacts } from './codestream.js';
import type { FrameCodec } from './frame-codec.js';
import { type BitReader, createBitReader, type HuffmanTable } from './huffman.js';
import { readSegments } from './jpeg-segments.js';

/** Lossless JPEG, process 14, any predictor (ITU T.81 annex H): most of the compressed CT and X-ray archives there are. */
export const decodeJpegLossless: FrameCodec = (frame, format, file) => {
  const facts = readJpegFacts(frame, file);
  checkSize(facts, format, file);
  if (facts.marker !== 0xc3) {
    throw unsupportedError(
      file,
      'a frame that the file calls lossless JPEG is coded by another process',
      'Decompress it first, for example with dcmdjpeg or gdcmconv --raw.',
    );
  }
  const segments = readSegments(frame, file);
  const { scan, start, low, restartInterval, dataAt } = segments;
  if (start < 1 || start > 7) throw compressionError(file, `a lossless JPEG frame has the predictor ${start}`);
  if (segments.components.some(({ sampling }) => sampling !== segments.components[0]!.sampling)) {
    throw unsupportedError(file, 'a lossless JPEG frame is subsampled', 'Decompress it first.');
  }
  const tables = scan.map(({ tables: pair }) => segments.huffman.get(pair >> 4));
  if (!tables.every((table) => table !== undefined)) throw compressionError(file, 'a Huffman table is missing');
  if (restartInterval > 0 && restartInterval % format.columns !== 0)
    throw unsupportedError(file, 'restart markers lie inside a line', 'Decompress it first.');
  const { rows, columns, samples } = format;
  // Every sample costs one bit at least.
  if (rows * columns * samples > (frame.length - dataAt) * 8)
    throw compressionError(file, 'a compressed frame ends too early');
  const out = new (facts.precision > 8 ? Uint16Array : Uint8Array)(rows * columns * samples);
  const first = 1 << (facts.precision - low - 1);
  const reader = createBitReader(frame, dataAt);
  let line = 0;
  for (let row = 0; row < rows; row += 1) {
    if (restartInterval > 0 && row > 0 && (row * columns) % restartInterval === 0) {
      if (!reader.restart()) throw compressionError(file, 'a restart marker is missing');
      line = 0;
    }
    decodeRow({ out, row, columns, samples, predictor: start, first, fresh: line === 0, tables, reader, file });
    line += 1;
  }
  if (low > 0) for (let n = 0; n < out.length; n += 1) out[n] = out[n]! << low;
  return out;
};

interface RowJob {
  readonly out: Uint8Array | Uint16Array;
  readonly row: number;
  readonly columns: number;
  readonly samples: number;
  readonly predictor: number;
  /** What the first sample of the picture, or behind a restart, is predicted to be. */
  readonly first: number;
  /** The line above does not count: it is the first, or a restart lies between. */
  readonly fresh: boolean;
  readonly tables: readonly HuffmanTable[];
  readonly reader: BitReader;
  readonly file: string;
}

function decodeRow({ out, row, columns, samples, predictor, first, fresh, tables, reader, file }: RowJob): void {
  const width = columns * samples;
  const from = row * width;
  for (let n = 0; n < width; n += 1) {
    const at = from + n;
    const size = reader.decode(tables[n % samples]!);
    if (size < 0 || size > 16) throw compressionError(file, `line ${row} of a compressed frame is damaged`);
    const change = size === 16 ? 32768 : reader.receive(size);
    const guess = fresh
      ? n < samples
        ? first
        : out[at - samples]!
      : n < samples
        ? out[at - width]!
        : predict(predictor, out[at - samples]!, out[at - width]!, out[at - width - samples]!);
    out[at] = guess + change;
  }
  if (reader.exhausted()) throw compressionError(file, `a compressed frame ends in line ${row}`);
}

/** Predictors of ITU T.81 table H.1, from the samples at the left, above, and above at the left. */
function predict(kind: number, left: number, above: number, corner: number): number {
  if (kind === 1) return left;
  if (kind === 2) return above;
  if (kind === 3) return corner;
  if (kind === 4) return left + above - corner;
  if (kind === 5) return left + ((above - corner) >> 1);
  if (kind === 6) return above + ((left - corner) >> 1);
  return (left + above) >> 1;
}
