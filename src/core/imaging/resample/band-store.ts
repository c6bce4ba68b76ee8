import type { DType, TypedArray } from '../../tensor/dtype.js';
import type { createLayout, ResampleKernels } from '../kernels/resample-kernels.js';
import type { PlainSamples } from './source-samples.js';
import { createRowStore, type Range } from './store.js';

/** Results computed at a time: a band of output rows that stays in the second-level cache. */
const BAND = 8192;

/** Output rows of a width that make a band. */
export function rowsPerBand(width: number): number {
  return Math.max(1, Math.floor(BAND / width));
}

/** Where a band of float64 results lies in kernel memory, and beside it the same as stored. */
export interface BandPlace {
  readonly at: number;
  readonly packedAt: number;
}

export function placeBand(layout: ReturnType<typeof createLayout>, width: number): BandPlace {
  const count = width * rowsPerBand(width) + 8;
  return { at: layout.take(count * 8), packedAt: layout.take(count * 4) };
}

type Kernel = (kernels: ResampleKernels) => ResampleKernels['round8'];
const ROUND: Partial<Record<DType, readonly [Kernel, lowest: number, highest: number]>> = {
  bool: [(kernels) => kernels.round8, 0, 1],
  uint8: [(kernels) => kernels.round8, 0, 255],
  int8: [(kernels) => kernels.round8, -128, 127],
  uint16: [(kernels) => kernels.round16, 0, 65535],
  int16: [(kernels) => kernels.round16, -32768, 32767],
  int32: [(kernels) => kernels.round32, -2147483648, 2147483647],
};

interface Target {
  readonly out: TypedArray;
  readonly dtype: DType;
  readonly range: Range;
}

/**
 * Writes the first `count` results of the band to `out` from `at` on, as scipy stores them: integers rounded half away from
 * zero and saturated. Interpolated integers and float32 never leave the range of the source; the others are clipped to it.
 */
export function createBandStore(kernels: ResampleKernels, place: BandPlace, target: Target) {
  const { out, dtype, range } = target;
  const heap = kernels.memory.buffer;
  const rule = ROUND[dtype];
  if (rule === undefined && (dtype !== 'float32' || Number.isNaN(range.low))) {
    const store = createRowStore(out, dtype, range);
    return (count: number, at: number): void => store(new Float64Array(heap, place.at, count), at);
  }
  const plain = out as PlainSamples;
  const packed = new (plain.constructor as Int16ArrayConstructor)(heap, place.packedAt);
  const [pick, lowest, highest] = rule ?? [];
  const round = pick?.(kernels);
  return (count: number, at: number): void => {
    const padded = (count + 7) & ~7;
    if (round) round(place.at, padded, lowest!, highest!, place.packedAt);
    else kernels.demote(place.at, padded, place.packedAt);
    plain.set(packed.subarray(0, count), at);
  };
}
