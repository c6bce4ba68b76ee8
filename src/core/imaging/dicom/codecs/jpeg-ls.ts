import { compressionError, unsupportedError } from '../dicom-error.js';
import type { PixelFormat } from '../pixel-format.js';
import { checkSize, readJpegFacts } from './codestream.js';
import type { FrameCodec } from './frame-codec.js';
import { createLsBits } from './jpeg-ls-bits.js';
import { decodeLsLine, type LsLines } from './jpeg-ls-line.js';
import { createLsModel, defaultThresholds } from './jpeg-ls-model.js';

/** JPEG-LS, lossless and near-lossless (ITU T.87): every step bounded by the size that the file declares. */
export const decodeJpegLs: FrameCodec = (frame, format, file) => {
  const facts = readJpegFacts(frame, file);
  checkSize(facts, format, file);
  if (facts.marker !== 0xf7) throw compressionError(file, 'a JPEG-LS frame has the header of another process');
  const { rows, columns, samples } = format;
  const out = new (facts.precision > 8 ? Uint16Array : Uint8Array)(rows * columns * samples);
  let from = 2;
  for (let component = 0; component < samples; ) {
    const scan = readScan(frame, { from, precision: facts.precision, file });
    if (scan.components + component > samples) throw compressionError(file, 'a JPEG-LS frame has too many scans');
    decodeScan({ frame, scan, out, format, component, file });
    component += scan.components;
    from = nextMarker(frame, scan.dataAt);
  }
  return out;
};

interface Scan {
  readonly components: number;
  /** 1: a line of each component after the other; 2: a sample of each. */
  readonly interleave: number;
  readonly near: number;
  readonly preset: readonly number[];
  readonly maximum: number;
  readonly dataAt: number;
}

function readScan(
  bytes: Uint8Array,
  { from, precision, file }: { readonly from: number; readonly precision: number; readonly file: string },
): Scan {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const most = 2 ** precision - 1;
  let preset: number[] = [];
  for (let at = from; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!;
    const end = at + 2 + view.getUint16(at + 2);
    if (end > bytes.length || end < at + 4) break;
    if (marker === 0xdd || (marker === 0xf8 && bytes[at + 4] !== 1)) {
      throw unsupportedError(
        file,
        'a JPEG-LS frame has restarts or mapping tables',
        'Decompress it first, for example with dcmdjpls.',
      );
    }
    if (marker === 0xf8 && end >= at + 15) preset = [0, 1, 2, 3, 4].map((n) => view.getUint16(at + 5 + 2 * n));
    if (marker === 0xda) {
      const components = bytes[at + 4]!;
      if (components < 1 || end !== at + 8 + 2 * components) break;
      const [near, interleave] = [bytes[end - 3]!, bytes[end - 2]!];
      const maximum = preset[0] || most;
      if (maximum > most || near > Math.min(255, maximum >> 1) || interleave > 2 || bytes[end - 1] !== 0) break;
      return { components, interleave, near, preset, maximum, dataAt: end };
    }
    at = end;
  }
  throw compressionError(file, 'a JPEG-LS frame has no scan that can be read');
}

interface Job {
  readonly frame: Uint8Array;
  readonly scan: Scan;
  readonly out: Uint8Array | Uint16Array;
  readonly format: PixelFormat;
  readonly component: number;
  readonly file: string;
}

function decodeScan({ frame, scan, out, format, component, file }: Job): void {
  const { rows, columns: width, samples } = format;
  const { maximum, near, preset, components } = scan;
  const usual = defaultThresholds(maximum, near);
  const thresholds = usual.map((value, n) => preset[n + 1] || value) as [number, number, number];
  const model = createLsModel({ maximum, near, thresholds, reset: preset[4] || 64 });
  const bits = createLsBits(frame, scan.dataAt);
  const together = scan.interleave === 2 ? components : 1;
  const groups = Array.from({ length: components / together }, () => freshLines(together, width));
  for (let row = 0; row < rows; row += 1) {
    groups.forEach((lines, group) => {
      decodeLsLine({ model, bits, width, file }, lines);
      lines.current.forEach((line, c) => {
        const first = row * width * samples + component + group + c;
        for (let x = 0; x < width; x += 1) out[first + x * samples] = line[x + 1]!;
      });
      [lines.above, lines.current] = [lines.current, lines.above];
    });
  }
}

function freshLines(count: number, width: number): LsLines {
  const blank = (): Int32Array[] => Array.from({ length: count }, () => new Int32Array(width + 2));
  return { above: blank(), current: blank(), runIndex: 0 };
}

function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at += 1) if (bytes[at] === 0xff && bytes[at + 1]! > 127) return at;
  return bytes.length;
}
