import { openKernels } from './kernels.js';

/** Elements a piece: small enough that a float32 piece and its partners stay in the second-level cache. */
const PIECE = 32 * 1024;
const BYTES = PIECE * 4;
const [FIRST, SECOND, THIRD] = [0, BYTES, 2 * BYTES];

type Kernels = ReturnType<typeof openKernels>;
let shared: { readonly kernels: Kernels; readonly heap: ArrayBuffer } | undefined;

function open(): { kernels: Kernels; heap: ArrayBuffer } {
  if (!shared) {
    const kernels = openKernels(3 * BYTES + 1024);
    shared = { kernels, heap: kernels.memory.buffer };
  }
  return shared;
}

export interface Extremes {
  readonly min: number;
  readonly max: number;
  /** Some element is NaN; min and max leave it out. */
  readonly hasNaN: boolean;
}

/** Least and greatest element; undefined for none. */
export function findExtremes(data: Float32Array | Int16Array): Extremes | undefined {
  if (data.length === 0) return undefined;
  const { kernels, heap } = open();
  const piece = data instanceof Int16Array ? new Int16Array(heap, FIRST, PIECE) : new Float32Array(heap, FIRST, PIECE);
  const result = new Float32Array(heap, SECOND, 8);
  let [min, max, hasNaN] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, false];
  for (let at = 0; at < data.length; at += PIECE) {
    const part = data.subarray(at, at + PIECE);
    piece.set(part);
    if (data instanceof Int16Array) kernels.extremesI16(FIRST, part.length, SECOND);
    else kernels.extremesF32(FIRST, part.length, SECOND);
    min = Math.min(min, result[0]!);
    max = Math.max(max, result[1]!);
    hasNaN ||= data instanceof Float32Array && result[2] === 1;
  }
  return { min, max, hasNaN };
}

/** Runs an in-place kernel over `from`, piece by piece, into `to`, which may be the same array. */
function mapPieces(from: Float32Array, to: Float32Array, run: (kernels: Kernels, count: number) => void): Float32Array {
  const { kernels, heap } = open();
  const piece = new Float32Array(heap, FIRST, PIECE);
  for (let at = 0; at < from.length; at += PIECE) {
    const part = from.subarray(at, at + PIECE);
    piece.set(part);
    run(kernels, part.length);
    to.set(piece.subarray(0, part.length), at);
  }
  return to;
}

/** (x − shift) / divisor × factor + offset, each step rounded to float32; into `to`, which may be `data`. */
export function stretch(
  data: Float32Array,
  { shift, divisor, factor, offset }: { shift: number; divisor: number; factor: number; offset: number },
  to: Float32Array = new Float32Array(data.length),
): Float32Array {
  return mapPieces(data, to, (kernels, count) => kernels.stretchF32(FIRST, count, shift, divisor, factor, offset));
}

/** (x − shift) / divisor, each step rounded to float32; into `to`, which may be `data`. */
export function standardise(
  data: Float32Array,
  { shift, divisor }: { shift: number; divisor: number },
  to: Float32Array = new Float32Array(data.length),
): Float32Array {
  return mapPieces(data, to, (kernels, count) => kernels.standardiseF32(FIRST, count, shift, divisor));
}

/** x held to low..high; NaN stays; into `to`, which may be `data`. */
export function clip(
  data: Float32Array,
  { low, high }: { low: number; high: number },
  to: Float32Array = new Float32Array(data.length),
): Float32Array {
  return mapPieces(data, to, (kernels, count) => kernels.clipF32(FIRST, count, low, high));
}

/** float32 of stored × slope + intercept, computed in float64. */
export function scaleInt16(data: Int16Array, { slope, intercept }: { slope: number; intercept: number }): Float32Array {
  const { kernels, heap } = open();
  const source = new Int16Array(heap, FIRST, PIECE);
  const target = new Float32Array(heap, SECOND, PIECE);
  const out = new Float32Array(data.length);
  for (let at = 0; at < data.length; at += PIECE) {
    const part = data.subarray(at, at + PIECE);
    source.set(part);
    kernels.scaleI16(FIRST, SECOND, part.length, slope, intercept);
    out.set(target.subarray(0, part.length), at);
  }
  return out;
}

/** sum += values × weight, element by element, in place, each step rounded to float32. */
export function accumulate(sum: Float32Array, values: Float32Array, weight: Float32Array): void {
  const { kernels, heap } = open();
  const [a, b, c] = [FIRST, SECOND, THIRD].map((at) => new Float32Array(heap, at, PIECE)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (let at = 0; at < sum.length; at += PIECE) {
    const part = sum.subarray(at, at + PIECE);
    a.set(part);
    b.set(values.subarray(at, at + part.length));
    c.set(weight.subarray(at, at + part.length));
    kernels.accumulateF32(FIRST, SECOND, THIRD, part.length);
    part.set(a.subarray(0, part.length));
  }
}

/**
 * For each place the channel of the greatest value, the first of equals; NaN counts as greatest, as in numpy. `channels`
 * are at most 256 arrays of equal length.
 */
export function argmax(channels: readonly Float32Array[]): Uint8Array {
  const { kernels, heap } = open();
  const piece = new Float32Array(heap, FIRST, PIECE);
  const best = new Float32Array(heap, SECOND, PIECE);
  const labels = new Uint8Array(heap, THIRD, PIECE);
  const length = channels[0]?.length ?? 0;
  const out = new Uint8Array(length);
  for (let at = 0; at < length; at += PIECE) {
    const count = Math.min(PIECE, length - at);
    best.set(channels[0]!.subarray(at, at + count));
    labels.fill(0);
    for (let channel = 1; channel < channels.length; channel += 1) {
      piece.set(channels[channel]!.subarray(at, at + count));
      kernels.argmaxStepF32(FIRST, SECOND, THIRD, count, channel);
    }
    out.set(labels.subarray(0, count), at);
  }
  return out;
}
