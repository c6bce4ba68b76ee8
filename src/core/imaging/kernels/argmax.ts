import { freshElements } from '../../tensor/fresh-elements.js';
import { openKernels } from './kernels.js';

/** Places worked on at a time: long runs of each channel, as memory is read fastest, and all of them in the cache. */
const [LEAST_BLOCK, MOST_BLOCK] = [1024, 32 * 1024];
const BLOCK_ELEMENTS = 256 * 1024;

let shared: ReturnType<typeof openKernels> | undefined;

function placesOf(channels: number): number {
  const places = Math.floor(BLOCK_ELEMENTS / channels / LEAST_BLOCK) * LEAST_BLOCK;
  return Math.min(Math.max(places, LEAST_BLOCK), MOST_BLOCK);
}

/**
 * For each place the channel of the greatest value, the first of equals; NaN counts as greatest, as in numpy. `channels`
 * are at most 256 arrays of equal length.
 */
export function argmax(channels: readonly Float32Array[]): Uint8Array {
  const length = channels[0]?.length ?? 0;
  const out = freshElements('uint8', length) as Uint8Array;
  const block = placesOf(channels.length);
  const bytes = block + channels.length * block * 4;
  const missing = bytes - (shared?.memory.buffer.byteLength ?? 0);
  if (missing > 0) shared = openKernels(bytes);
  const kernels = shared!;
  const labels = new Uint8Array(kernels.memory.buffer, 0, block);
  const rows = channels.map((_, c) => new Float32Array(kernels.memory.buffer, block * (1 + 4 * c), block));
  for (let at = 0; at < length; at += block) {
    const count = Math.min(block, length - at);
    for (let c = 0; c < rows.length; c += 1) rows[c]!.set(channels[c]!.subarray(at, at + count));
    kernels.argmaxF32(block, block * 4, rows.length, (count + 15) & ~15, 0);
    out.set(count === block ? labels : labels.subarray(0, count), at);
  }
  return out;
}
