import { instantiate } from './instantiate.js';
import { RESAMPLE_MODULE } from './resample-module.js';

type WeighPlane = (
  ...args: [plane: number, nx: number, ny: number, used: number, index: number, weight: number, n: number, out: number]
) => void;

type MixPlane = (
  ...args: [
    near: number,
    far: number,
    n: number,
    width: number,
    from: number,
    to: number,
    yIndex: number,
    yWeight: number,
    wz0: number,
    wz1: number,
    out: number,
  ]
) => void;

type Slant = (
  ...args: [
    source: number,
    nx: number,
    ny: number,
    nz: number,
    xs: number,
    n: number,
    y: number,
    rows: number,
    mx: number,
    my: number,
    mz: number,
    sx: number,
    sy: number,
    sz: number,
    width: number,
    out: number,
  ]
) => void;

type GatherPlane = (
  ...args: [
    plane: number,
    index: number,
    from: number,
    to: number,
    rows: number,
    width: number,
    height: number,
    out: number,
  ]
) => void;

type Round = (from: number, count: number, lowest: number, highest: number, out: number) => void;

/** What assembly/resample.ts exports; its comments say what each does. Pointers and counts are plain numbers. */
export interface ResampleKernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly weighPlaneI16: WeighPlane;
  readonly weighPlaneF32: WeighPlane;
  readonly weighPlaneF64: WeighPlane;
  readonly mixPlane: MixPlane;
  readonly slantLinearI16: Slant;
  readonly slantLinearF32: Slant;
  readonly slantLinearF64: Slant;
  readonly slantNearest8: Slant;
  readonly slantNearest16: Slant;
  readonly slantNearest32: Slant;
  readonly slantNearest64: Slant;
  readonly gatherPlane8: GatherPlane;
  readonly gatherPlane16: GatherPlane;
  readonly gatherPlane32: GatherPlane;
  readonly gatherPlane64: GatherPlane;
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
