import { describe, expect, it } from '@jest/globals';
import { castArray } from '../../../src/core/tensor/cast.js';
import { toContiguous } from '../../../src/core/tensor/contiguous.js';
import { DTYPES, type DType } from '../../../src/core/tensor/dtype.js';
import {
  expandDims,
  flipAxis,
  reshape,
  selectIndex,
  sliceAxis,
  squeeze,
  transpose,
} from '../../../src/core/tensor/layout.js';
import { type NdArray, wrapNdArray } from '../../../src/core/tensor/ndarray.js';

function counting(shape: readonly number[], dtype: DType = 'int32', order: 'C' | 'F' = 'C'): NdArray {
  const data = new DTYPES[dtype].array(shape.reduce((a, b) => a * b, 1));
  for (let n = 0; n < data.length; n += 1) data[n] = (data instanceof BigInt64Array ? BigInt(n) : n) as never;
  return wrapNdArray(dtype, shape, data, order);
}

/** Elements in C order, read one index at a time: the slow definition the views are held to. */
function listElements(array: NdArray): (number | bigint)[] {
  const out: (number | bigint)[] = [];
  const walk = (axis: number, at: number): void => {
    if (axis === array.shape.length) out.push(array.data[at]!);
    else for (let n = 0; n < array.shape[axis]!; n += 1) walk(axis + 1, at + n * array.strides[axis]!);
  };
  walk(0, array.offset);
  return out;
}

describe('views', () => {
  it('transposes without touching the data', () => {
    const array = counting([2, 3]);
    const view = transpose(array);
    expect(view.data).toBe(array.data);
    expect(listElements(view)).toEqual([0, 3, 1, 4, 2, 5]);
    expect(transpose(counting([2, 3, 4]), [2, 0, -2]).shape).toEqual([4, 2, 3]);
  });

  it('flips an axis, twice is the original', () => {
    const array = counting([2, 3]);
    expect(listElements(flipAxis(array, 1))).toEqual([2, 1, 0, 5, 4, 3]);
    expect(listElements(flipAxis(flipAxis(array, -1), 1))).toEqual(listElements(array));
  });

  it('cuts a range, an index and an empty range out of an axis', () => {
    const array = counting([3, 2]);
    expect(listElements(sliceAxis(array, 0, { start: 1, stop: 3 }))).toEqual([2, 3, 4, 5]);
    expect(selectIndex(array, 1, 1)).toMatchObject({ shape: [3], strides: [2], offset: 1 });
    expect(sliceAxis(flipAxis(array, 0), 0, { start: 3, stop: 3 }).shape).toEqual([0, 2]);
  });

  it('adds and removes axes of one', () => {
    const array = counting([1, 3, 1]);
    expect(squeeze(array).shape).toEqual([3]);
    expect(squeeze(array, [-1]).shape).toEqual([1, 3]);
    expect(expandDims(array, -1).shape).toEqual([1, 3, 1, 1]);
  });

  it('reshapes contiguous arrays only', () => {
    expect(reshape(counting([2, 3]), [3, 2]).strides).toEqual([2, 1]);
    expect(reshape(counting([2, 3], 'int32', 'F'), [6], 'F').strides).toEqual([1]);
    expect(() => reshape(transpose(counting([2, 3])), [6])).toThrow('cannot be viewed as [6] in C order');
  });

  it.each([
    ['an axis that is not there', () => flipAxis(counting([2]), 1), 'axis 1 is outside an array of 1 axes'],
    ['an axis named twice', () => transpose(counting([2, 3]), [0, 0]), 'do not name each of the 2 axes once'],
    ['a range past the end', () => sliceAxis(counting([2]), 0, { start: 1, stop: 3 }), '1..3 is outside axis 0'],
    ['squeezing a long axis', () => squeeze(counting([2]), [0]), 'axis 0 has length 2'],
  ])('refuses %s', (_name, act, message) => {
    expect(act).toThrow(message);
  });
});

describe('toContiguous', () => {
  it('returns a view on the same memory when nothing has to move', () => {
    const array = counting([4, 3]);
    expect(toContiguous(array).data).toBe(array.data);
    expect(toContiguous(sliceAxis(array, 0, { start: 1, stop: 3 })).data.buffer).toBe(array.data.buffer);
  });

  const shapes = [[7], [3, 1, 5], [40, 35], [33, 2, 34], [2, 3, 4, 5], [0, 4], [1, 70, 1, 66]];
  it.each(
    shapes.flatMap((shape) =>
      (['uint8', 'int16', 'float32', 'float64', 'int64'] as const).map((dtype) => ({ shape, dtype })),
    ),
  )('keeps every element of $dtype $shape under transposition, flips and slices, in both orders', (entry) => {
    const base = counting(entry.shape, entry.dtype, 'F');
    const last = base.shape[0]!;
    const views = [
      base,
      transpose(base),
      flipAxis(base, 0),
      flipAxis(transpose(base), -1),
      sliceAxis(base, 0, { start: Math.min(1, last), stop: last }),
      transpose(
        base,
        [...base.shape.keys()].map((axis) => (axis + 1) % base.shape.length),
      ),
    ];
    for (const view of views) {
      for (const order of ['C', 'F'] as const) {
        const dense = toContiguous(view, order);
        expect(dense.data.length).toBe(dense.shape.reduce((a, b) => a * b, 1));
        expect(listElements(dense)).toEqual(listElements(view));
      }
    }
  });

  it('copies a repeated view with a step of zero', () => {
    const row = counting([3]);
    const repeated = { ...row, shape: [2, 3], strides: [0, 1] };
    expect([...toContiguous(repeated).data]).toEqual([0, 1, 2, 0, 1, 2]);
  });
});

describe('castArray', () => {
  it('keeps the memory order of the source', () => {
    const view = flipAxis(transpose(counting([2, 3, 4], 'int16', 'F')), 1);
    const cast = castArray(view, 'float32');
    expect(cast.strides).toEqual(view.strides);
    expect(listElements(cast)).toEqual(listElements(view));
    expect(listElements(castArray(sliceAxis(view, 0, { start: 1, stop: 3 }), 'uint8'))).toEqual(
      listElements(sliceAxis(view, 0, { start: 1, stop: 3 })),
    );
  });

  it('returns the same array for the same dtype', () => {
    const array = counting([2]);
    expect(castArray(array, 'int32')).toBe(array);
  });
});
