import { compressionError } from '../dicom-error.js';
import type { LsBits } from './jpeg-ls-bits.js';
import { golombBits, gradientStep, type LsModel, learn, RUN_CONTEXT, reconstruct } from './jpeg-ls-model.js';

/** Bits of run lengths, by how well runs went before (ITU T.87 table A.1's J). */
const RUN_BITS = Uint8Array.of(
  ...[0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15],
);

/** A line being decoded and the one above, both with a sample more at each end; several for samples that go together. */
export interface LsLines {
  above: Int32Array[];
  current: Int32Array[];
  runIndex: number;
}

export interface LsJob {
  readonly model: LsModel;
  readonly bits: LsBits;
  readonly width: number;
  readonly file: string;
}

/** Decodes one line into `current`, samples 1 to `width`. Throws IMAGE_COMPRESSION. */
export function decodeLsLine(job: LsJob, lines: LsLines): void {
  const { model, width } = job;
  const { above, current } = lines;
  const count = current.length;
  for (let c = 0; c < count; c += 1) {
    current[c]![0] = above[c]![1]!;
    above[c]![width + 1] = above[c]![width]!;
  }
  const contexts = new Int32Array(count);
  for (let x = 1; x <= width; ) {
    let flat = true;
    for (let c = 0; c < count; c += 1) {
      const [a, b, d] = [current[c]![x - 1]!, above[c]![x]!, above[c]![x + 1]!];
      const corner = above[c]![x - 1]!;
      contexts[c] =
        81 * gradientStep(d - b, model) + 9 * gradientStep(b - corner, model) + gradientStep(corner - a, model);
      if (contexts[c] !== 0) flat = false;
    }
    if (flat) {
      x = decodeRun(job, lines, x);
    } else {
      for (let c = 0; c < count; c += 1)
        current[c]![x] = decodeRegular(job, above[c]!, current[c]!, { x, context: contexts[c]! });
      x += 1;
    }
    if (job.bits.exhausted()) throw compressionError(job.file, 'a JPEG-LS frame ends too early');
  }
}

function decodeRegular(
  job: LsJob,
  above: Int32Array,
  current: Int32Array,
  { x, context: signed }: { readonly x: number; readonly context: number },
): number {
  const { model } = job;
  const sign = signed < 0 ? -1 : 1;
  const context = Math.abs(signed);
  const [a, b, corner] = [current[x - 1]!, above[x]!, above[x - 1]!];
  let guess = a + b - corner;
  if (corner >= Math.max(a, b)) guess = Math.min(a, b);
  else if (corner <= Math.min(a, b)) guess = Math.max(a, b);
  guess = Math.min(Math.max(guess + sign * model.corrections[context]!, 0), model.maximum);
  const count = model.counts[context]!;
  const k = golombBits(count, model.sums[context]!);
  const mapped = readGolomb(job, k, model.limit);
  let error = mapped % 2 === 0 ? mapped >> 1 : -((mapped + 1) >> 1);
  if (model.near === 0 && k === 0 && 2 * model.biases[context]! <= -count) error = -error - 1;
  learn(model, context, error);
  return reconstruct(model, guess, sign * error);
}

function readGolomb({ bits, model, file }: LsJob, k: number, limit: number): number {
  const most = limit - model.errorBits - 1;
  const zeros = bits.countZeros(most);
  if (zeros < most) return (zeros << k) + bits.read(k);
  if (zeros > most) throw compressionError(file, 'the data of a JPEG-LS frame are damaged');
  return bits.read(model.errorBits) + 1;
}

/** A run of samples like the one before, and the sample that ends it; gives the place behind (ITU T.87 A.7). */
function decodeRun(job: LsJob, lines: LsLines, from: number): number {
  const { bits, width, file } = job;
  let x = from;
  const repeat = (length: number): void => {
    for (const line of lines.current) line.fill(line[from - 1]!, x, x + length);
    x += length;
  };
  while (bits.read(1) === 1) {
    const length = 1 << RUN_BITS[lines.runIndex]!;
    const left = width + 1 - x;
    repeat(Math.min(length, left));
    if (length <= left && lines.runIndex < 31) lines.runIndex += 1;
    if (x > width) return x;
    if (bits.exhausted()) throw compressionError(file, 'a JPEG-LS frame ends too early');
  }
  const length = bits.read(RUN_BITS[lines.runIndex]!);
  if (length > width - x) throw compressionError(file, 'a run of a JPEG-LS frame is longer than its line');
  repeat(length);
  lines.current.forEach((line, c) => {
    line[x] = decodeInterruption(job, { left: line[x - 1]!, up: lines.above[c]![x]!, lines });
  });
  if (lines.runIndex > 0) lines.runIndex -= 1;
  return x + 1;
}

function decodeInterruption(
  job: LsJob,
  { left, up, lines }: { readonly left: number; readonly up: number; readonly lines: LsLines },
): number {
  const { model } = job;
  const { sums, counts, negatives, near, reset, limit } = model;
  // Samples that go together are always taken as if the run ended at an edge.
  const alike = lines.current.length === 1 && Math.abs(left - up) <= near ? 1 : 0;
  const context = RUN_CONTEXT + alike;
  const k = golombBits(counts[context]!, sums[context]! + (alike ? counts[context]! >> 1 : 0));
  const mapped = readGolomb(job, k, limit - RUN_BITS[lines.runIndex]! - 1);
  const odd = (mapped + alike) & 1;
  const size = (mapped + alike + odd) >> 1;
  const negative = (k !== 0 || 2 * negatives[context]! >= counts[context]!) === (odd === 1);
  const error = negative ? -size : size;
  if (error < 0) negatives[context]! += 1;
  sums[context]! += (mapped + 1 - alike) >> 1;
  if (counts[context] === reset) {
    sums[context]! >>= 1;
    counts[context]! >>= 1;
    negatives[context]! >>= 1;
  }
  counts[context]! += 1;
  if (alike) return reconstruct(model, left, error);
  return reconstruct(model, up, up < left ? -error : error);
}
