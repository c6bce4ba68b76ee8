import { freshElements } from '../../tensor/fresh-elements.js';
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

/** Kernels take whole vectors: what lies behind the last element of a piece is worked on and dropped. */
const wholeVectors = (count: number, lanes = 4): number => Math.ceil(count / lanes) * lanes;

/** Runs an in-place kernel over `from`, piece by piece, into `to`, which may be the same array; `count` is a multiple of 4. */
export function mapPieces(
  from: Float32Array,
  to: Float32Array,
  run: (kernels: Kernels, at: number, count: number) => void,
): Float32Array {
  const { kernels, heap } = open();
  const piece = new Float32Array(heap, FIRST, PIECE);
  for (let at = 0; at < from.length; at += PIECE) {
    const part = from.subarray(at, at + PIECE);
    piece.set(part);
    run(kernels, FIRST, wholeVectors(part.length));
    to.set(part.length === PIECE ? piece : piece.subarray(0, part.length), at);
  }
  return to;
}

/** (x − shift) / divisor × factor + offset, each step rounded to float32; into `to`, which may be `data`. */
export function stretch(
  data: Float32Array,
  { shift, divisor, factor, offset }: { shift: number; divisor: number; factor: number; offset: number },
  to: Float32Array = freshElements('float32', data.length),
): Float32Array {
  return mapPieces(data, to, (kernels, piece, count) =>
    kernels.stretchF32(piece, count, shift, divisor, factor, offset),
  );
}

/** (x − shift) / divisor, each step rounded to float32; into `to`, which may be `data`. */
export function standardise(
  data: Float32Array,
  { shift, divisor }: { shift: number; divisor: number },
  to: Float32Array = freshElements('float32', data.length),
): Float32Array {
  return mapPieces(data, to, (kernels, piece, count) => kernels.standardiseF32(piece, count, shift, divisor));
}

/** x held to low..high; NaN stays; into `to`, which may be `data`. */
export function clip(
  data: Float32Array,
  { low, high }: { low: number; high: number },
  to: Float32Array = freshElements('float32', data.length),
): Float32Array {
  return mapPieces(data, to, (kernels, piece, count) => kernels.clipF32(piece, count, low, high));
}

/** float32 of stored × slope + intercept, computed in float64. */
export function scaleInt16(data: Int16Array, { slope, intercept }: { slope: number; intercept: number }): Float32Array {
  const { kernels, heap } = open();
  const source = new Int16Array(heap, FIRST, PIECE);
  const target = new Float32Array(heap, SECOND, PIECE);
  const out = freshElements('float32', data.length);
  for (let at = 0; at < data.length; at += PIECE) {
    const part = data.subarray(at, at + PIECE);
    source.set(part);
    kernels.scaleI16(FIRST, SECOND, wholeVectors(part.length), slope, intercept);
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
    kernels.accumulateF32(FIRST, SECOND, THIRD, wholeVectors(part.length));
    part.set(a.subarray(0, part.length));
  }
}

/** 1 where x > limit ('greater'), x < limit and so on, else 0; the limit is rounded to float32. */
export function compare(
  data: Float32Array,
  { limit, relation }: { limit: number; relation: keyof typeof RELATIONS },
  to: Float32Array = freshElements('float32', data.length),
): Float32Array {
  const code = RELATIONS[relation];
  return mapPieces(data, to, (kernels, piece, count) => kernels.compareF32(piece, count, limit, code));
}

const RELATIONS = { greater: 0, smaller: 1, 'greater/equal': 2, 'smaller/equal': 3 } as const;

/** Float32 1 where an element is the label, else 0, into `to`. */
export function matchLabel(data: Float32Array | Uint8Array, label: number, to: Float32Array): void {
  const { kernels, heap } = open();
  const bytes = data instanceof Uint8Array;
  const source = bytes ? new Uint8Array(heap, FIRST, PIECE) : new Float32Array(heap, FIRST, PIECE);
  const target = new Float32Array(heap, SECOND, PIECE);
  for (let at = 0; at < data.length; at += PIECE) {
    const part = data.subarray(at, at + PIECE);
    source.set(part);
    const padded = wholeVectors(part.length, 16);
    if (bytes) kernels.matchU8(FIRST, padded, label, SECOND);
    else kernels.matchF32(FIRST, padded, label, SECOND);
    to.set(target.subarray(0, part.length), at);
  }
}
