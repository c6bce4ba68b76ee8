import { freshElements } from '../../tensor/fresh-elements.js';
import { openKernels } from './kernels.js';

/** Places worked on at a time: a few channels of them stay in the cache. */
const BLOCK = 4096;
const CHANNEL_BYTES = BLOCK * 4;

let shared: ReturnType<typeof openKernels> | undefined;

/**
 * For each place the channel of the greatest value, the first of equals; NaN counts as greatest, as in numpy. `channels`
 * are at most 256 arrays of equal length.
 */
export function argmax(channels: readonly Float32Array[]): Uint8Array {
  const length = channels[0]?.length ?? 0;
  const out = freshElements('uint8', length) as Uint8Array;
  const bytes = BLOCK + channels.length * CHANNEL_BYTES;
  const missing = bytes - (shared?.memory.buffer.byteLength ?? 0);
  if (missing > 0) shared = openKernels(bytes);
  const kernels = shared!;
  const labels = new Uint8Array(kernels.memory.buffer, 0, BLOCK);
  const rows = channels.map((_, c) => new Float32Array(kernels.memory.buffer, BLOCK + c * CHANNEL_BYTES, BLOCK));
  for (let at = 0; at < length; at += BLOCK) {
    const count = Math.min(BLOCK, length - at);
    for (let c = 0; c < rows.length; c += 1) rows[c]!.set(channels[c]!.subarray(at, at + count));
    kernels.argmaxF32(BLOCK, CHANNEL_BYTES, rows.length, (count + 15) & ~15, 0);
    out.set(count === BLOCK ? labels : labels.subarray(0, count), at);
  }
  return out;
}
