import { DTYPES, type TypedArray } from './dtype.js';
import { contiguousStrides, countElements, isContiguous, type NdArray } from './ndarray.js';

/** Tile edge of a transposing copy: 32 × 32 eight-byte elements from both sides fit the first-level cache. */
const TILE = 32;

interface Loop {
  readonly length: number;
  readonly from: number;
  readonly to: number;
}

/**
 * The array laid out densely in `order` with `data` holding exactly its elements. Returns a view on the same memory when
 * it lies so already; copies otherwise, in tiles, so that a C↔F change stays near the speed of memory.
 */
export function toContiguous(array: NdArray, order: 'C' | 'F' = 'C'): NdArray {
  const count = countElements(array.shape);
  const strides = contiguousStrides(array.shape, order);
  if (isContiguous(array, order)) {
    if (array.offset === 0 && array.data.length === count) return { ...array, strides };
    const data = array.data.subarray(array.offset, array.offset + count);
    return { ...array, strides, offset: 0, data };
  }
  const data = new DTYPES[array.dtype].array(count);
  copyInto({ ...array, strides, offset: 0, data }, array);
  return { ...array, strides, offset: 0, data };
}

/** Writes every element of `source` to the same index of `target`; shapes and dtypes must be equal. */
export function copyInto(target: NdArray, source: NdArray): void {
  const loops: Loop[] = source.shape
    .map((length, axis) => ({ length, from: source.strides[axis]!, to: target.strides[axis]! }))
    .filter((loop) => loop.length !== 1);
  if (loops.some((loop) => loop.length === 0)) return;
  const merged = mergeLoops(loops);
  const inner = takeSmallest(merged, 'to');
  const second = takeSmallest(merged, 'from');
  runOuter({ loops: merged, target, source, inner, second });
}

/** Joins neighbouring loops that walk both memories as one. Slowest target step first. */
function mergeLoops(loops: Loop[]): Loop[] {
  const sorted = loops.toSorted((a, b) => Math.abs(b.to) - Math.abs(a.to));
  const merged: Loop[] = [];
  for (const loop of sorted) {
    const outer = merged.at(-1);
    if (outer && outer.from === loop.from * loop.length && outer.to === loop.to * loop.length) {
      merged[merged.length - 1] = { length: outer.length * loop.length, from: loop.from, to: loop.to };
    } else merged.push(loop);
  }
  return merged;
}

/** Removes and returns the loop with the smallest step on one side; a loop of one when there is none left. */
function takeSmallest(loops: Loop[], side: 'from' | 'to'): Loop {
  let best = 0;
  for (let n = 1; n < loops.length; n += 1) if (Math.abs(loops[n]![side]) < Math.abs(loops[best]![side])) best = n;
  return loops.splice(best, 1)[0] ?? { length: 1, from: 0, to: 0 };
}

interface Copy {
  readonly loops: readonly Loop[];
  readonly target: NdArray;
  readonly source: NdArray;
  readonly inner: Loop;
  readonly second: Loop;
}

function runOuter({ loops, target, source, inner, second }: Copy): void {
  const index = new Array<number>(loops.length).fill(0);
  const data = asWords(source.data);
  const out = asWords(target.data);
  let from = source.offset;
  let to = target.offset;
  for (;;) {
    copyPlane({ out, at: to, data, start: from, inner, second });
    let axis = loops.length - 1;
    for (; axis >= 0; axis -= 1) {
      const loop = loops[axis]!;
      from += loop.from;
      to += loop.to;
      index[axis]! += 1;
      if (index[axis]! < loop.length) break;
      from -= loop.from * loop.length;
      to -= loop.to * loop.length;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

interface Plane {
  readonly out: TypedArray;
  readonly at: number;
  readonly data: TypedArray;
  readonly start: number;
  readonly inner: Loop;
  readonly second: Loop;
}

function copyPlane({ out, at, data, start, inner, second }: Plane): void {
  if (inner.from === 1 && inner.to === 1 && inner.length > 16) {
    for (let row = 0; row < second.length; row += 1) {
      const begin = start + row * second.from;
      out.set(data.subarray(begin, begin + inner.length) as never, at + row * second.to);
    }
    return;
  }
  for (let rows = 0; rows < second.length; rows += TILE) {
    const lastRow = Math.min(rows + TILE, second.length);
    for (let columns = 0; columns < inner.length; columns += TILE) {
      const lastColumn = Math.min(columns + TILE, inner.length);
      for (let row = rows; row < lastRow; row += 1) {
        let from = start + row * second.from + columns * inner.from;
        let to = at + row * second.to + columns * inner.to;
        for (let column = columns; column < lastColumn; column += 1) {
          out[to] = data[from]!;
          from += inner.from;
          to += inner.to;
        }
      }
    }
  }
}

/** The same memory as plain words of its element size: few array kinds keep a copying loop fast for every dtype. */
export function asWords(data: TypedArray): TypedArray {
  const { buffer, byteOffset, length } = data;
  if (data.BYTES_PER_ELEMENT === 1) return new Uint8Array(buffer, byteOffset, length);
  if (data.BYTES_PER_ELEMENT === 2) return new Uint16Array(buffer, byteOffset, length);
  if (data.BYTES_PER_ELEMENT === 4) return new Int32Array(buffer, byteOffset, length);
  return data;
}
