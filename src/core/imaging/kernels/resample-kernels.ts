import { instantiate } from './instantiate.js';
import { RESAMPLE_MODULE } from './resample-module.js';

type Round = (from: number, count: number, lowest: number, highest: number, out: number) => void;
type Slant = (...args: [job: number, source: number, z: number, y: number, rows: number]) => void;

/** What assembly/resample.ts exports; its comments say what each does. Pointers and counts are plain numbers. */
export interface ResampleKernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  weighPlane(job: number, out: number): void;
  mixPlane(...args: [job: number, near: number, far: number, wz0: number, wz1: number, from: number, to: number]): void;
  gatherPlane(job: number): void;
  readonly slantLinear: Slant;
  readonly slantNearest: Slant;
  readonly round8: Round;
  readonly round16: Round;
  readonly round32: Round;
  demote(from: number, count: number, out: number): void;
}

const PAGE_BYTES = 65536;
/** Callers that would need more than this do their work without kernels. */
export const MOST_KERNEL_BYTES = 256 * 1024 * 1024;
/** Memory up to this is kept for the next call: touching fresh pages costs more than the work on them. */
const MOST_KEPT_BYTES = 32 * 1024 * 1024;

let kept: ResampleKernels | undefined;

/** Kernels with at least `bytes` of memory, which may hold anything and is the caller's until the next call. */
export function openResampleKernels(bytes: number): ResampleKernels {
  const kernels = (bytes <= MOST_KEPT_BYTES && kept) || instantiate<ResampleKernels>(RESAMPLE_MODULE);
  const missing = bytes - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / PAGE_BYTES));
  if (bytes <= MOST_KEPT_BYTES) kept = kernels;
  return kernels;
}

/** Hands out places in kernel memory one behind the other, each on a multiple of 64 bytes. */
export function createLayout(): { take(bytes: number): number; readonly bytes: number } {
  let used = 0;
  return {
    take(bytes) {
      const at = used;
      // Vectors may read and write a little past an odd row.
      used += Math.ceil((bytes + 64) / 64) * 64;
      return at;
    },
    get bytes() {
      return used;
    },
  };
}
