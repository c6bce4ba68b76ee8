import { instantiate } from './instantiate.js';
import { VOLUME_MODULE } from './volume-module.js';

/** What assembly/volume.ts exports; its comments say what each does. Pointers and counts are plain numbers. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  extremesF32(from: number, count: number, out: number): void;
  extremesI16(from: number, count: number, out: number): void;
  stretchF32(at: number, count: number, shift: number, divisor: number, factor: number, offset: number): void;
  standardiseF32(at: number, count: number, shift: number, divisor: number): void;
  clipF32(at: number, count: number, low: number, high: number): void;
  scaleI16(from: number, to: number, count: number, slope: number, intercept: number): void;
  argmaxF32(from: number, stride: number, channels: number, count: number, labels: number): void;
  compareF32(at: number, count: number, limit: number, relation: number): void;
  matchU8(from: number, count: number, label: number, to: number): void;
  matchF32(from: number, count: number, label: number, to: number): void;
  momentsF32(from: number, count: number, nonzero: boolean, out: number): void;
  centreF32(at: number, count: number, mean: number, factor: number, nonzero: boolean): void;
  softmaxF32(at: number, stride: number, channels: number, count: number, powers: number): void;
  accumulateF32(sum: number, from: number, weight: number, count: number): void;
}

const PAGE_BYTES = 65536;

/** One instance of the kernels with `bytes` of memory of its own, all zero. */
export function openKernels(bytes: number): Exports {
  const exports = instantiate<Exports>(VOLUME_MODULE);
  exports.memory.grow(Math.ceil(bytes / PAGE_BYTES));
  return exports;
}
