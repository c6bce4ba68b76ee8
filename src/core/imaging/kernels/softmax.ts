import { openKernels } from './kernels.js';

/** Places worked on at a time: the powers of a few channels stay in the second-level cache. */
const BLOCK = 2048;
const [PEAK, SUM, CHANNELS] = [0, BLOCK * 4, BLOCK * 12];
/** Above this the powers of one block would leave the cache, and the memory of the kernel would grow with them. */
export const MOST_SOFTMAX_CHANNELS = 64;

let shared: ReturnType<typeof openKernels> | undefined;

/**
 * Softmax over equally long channels that lie `stride` apart from `from` on, each place for itself, into `out`: powers
 * and sums in float64, stored as float32. A NaN, or infinity as the greatest, makes its place NaN. At most
 * MOST_SOFTMAX_CHANNELS channels.
 */
export function softmaxChannels(
  source: Float32Array,
  out: Float32Array,
  { from, stride, channels }: { readonly from: number; readonly stride: number; readonly channels: number },
): void {
  shared ??= openKernels(CHANNELS + MOST_SOFTMAX_CHANNELS * BLOCK * 4);
  const kernels = shared;
  const heap = kernels.memory.buffer;
  const peak = new Float32Array(heap, PEAK, BLOCK);
  const sum = new Float64Array(heap, SUM, BLOCK);
  const rows = Array.from({ length: channels }, (_, c) => new Float32Array(heap, CHANNELS + c * BLOCK * 4, BLOCK));
  for (let start = 0; start < stride; start += BLOCK) {
    const count = Math.min(BLOCK, stride - start);
    const padded = (count + 3) & ~3;
    peak.fill(Number.NEGATIVE_INFINITY);
    sum.fill(0);
    rows.forEach((row, c) => {
      const at = from + c * stride + start;
      row.set(source.subarray(at, at + count));
      kernels.peakF32(row.byteOffset, PEAK, padded);
    });
    for (const row of rows) kernels.powerF32(row.byteOffset, PEAK, SUM, padded);
    rows.forEach((row, c) => {
      kernels.shareF32(row.byteOffset, SUM, padded);
      out.set(row.subarray(0, count), from + c * stride + start);
    });
  }
}
