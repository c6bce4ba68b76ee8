import { openKernels } from './kernels.js';

/** Places worked on at a time: a few channels of them stay in the second-level cache. */
const BLOCK = 2048;
/** Above this a block would leave the cache, and the memory of the kernel would grow with it. */
export const MOST_SOFTMAX_CHANNELS = 64;
/** Room for the powers of eight places. */
const CHANNELS = MOST_SOFTMAX_CHANNELS * 64;

let shared: ReturnType<typeof openKernels> | undefined;

/**
 * Softmax over equally long channels that lie `stride` apart from `from` on, each place for itself, into `out`: computed
 * in float64, rounded once, each share within 6.5e-8 of its value. A NaN, or infinity as the greatest, makes its place NaN. At most
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
  const rows = Array.from({ length: channels }, (_, c) => new Float32Array(heap, CHANNELS + c * BLOCK * 4, BLOCK));
  for (let start = 0; start < stride; start += BLOCK) {
    const count = Math.min(BLOCK, stride - start);
    rows.forEach((row, c) => {
      const at = from + c * stride + start;
      row.set(source.subarray(at, at + count));
    });
    kernels.softmaxF32(CHANNELS, BLOCK * 4, channels, (count + 7) & ~7, 0);
    rows.forEach((row, c) => {
      out.set(count === BLOCK ? row : row.subarray(0, count), from + c * stride + start);
    });
  }
}
