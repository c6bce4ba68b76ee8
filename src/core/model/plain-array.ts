import { EisenError } from '../errors/error.js';
import { DTYPES, type DType } from '../tensor/dtype.js';
import { halfToNumber } from '../tensor/float16.js';
import { type NdArray, wrapNdArray } from '../tensor/ndarray.js';
import type { Plain } from '../tensor/value.js';

function fail(where: string, what: string): never {
  throw new EisenError('MODEL_INPUT', `${where}: ${what}.`, { where });
}

function shapeOf(value: Plain): number[] {
  const shape: number[] = [];
  for (let at = value; Array.isArray(at); at = at[0]!) {
    shape.push(at.length);
    if (at.length === 0) break;
  }
  return shape;
}

function flatten(value: Plain, shape: readonly number[], where: string): Plain[] {
  let level: Plain[] = [value];
  for (const length of shape) {
    const next: Plain[] = [];
    for (const item of level) {
      if (!Array.isArray(item) || item.length !== length) fail(where, 'the nested lists are not all of one length');
      for (const inner of item) next.push(inner);
    }
    level = next;
  }
  return level;
}

function dtypeOf(items: readonly Plain[], where: string): DType {
  let dtype: DType = items.length === 0 ? 'float64' : 'bool';
  for (const item of items) {
    if (typeof item === 'boolean') continue;
    if (typeof item === 'bigint' || Number.isInteger(item)) {
      if (dtype === 'bool') dtype = 'int64';
    } else if (typeof item === 'number') dtype = 'float64';
    else
      fail(
        where,
        `the lists hold ${item === null ? 'null' : Array.isArray(item) ? 'lists of another depth' : `a ${typeof item}`}; expected numbers`,
      );
  }
  return dtype;
}

/** Nested lists of numbers as the array that numpy.asarray makes of them: bool, int64 or float64. Throws MODEL_INPUT. */
export function plainToArray(value: Plain, where: string): NdArray {
  const shape = shapeOf(value);
  const items = flatten(value, shape, where);
  const dtype = dtypeOf(items, where);
  const data = new DTYPES[dtype].array(items.length);
  for (let n = 0; n < items.length; n += 1) {
    data[n] = (dtype === 'int64' ? BigInt(items[n] as number) : Number(items[n])) as never;
  }
  return wrapNdArray(dtype, shape, data);
}

/** An array as nested lists for JSON; numbers that JSON does not know become null, integers past 2^53 decimal text. */
export function arrayToPlain(array: NdArray): Plain {
  const read = array.data;
  const build = (axis: number, offset: number): Plain => {
    if (axis === array.shape.length) return toNumber(read[offset]!, array.dtype);
    const list = new Array<Plain>(array.shape[axis]!);
    for (let n = 0; n < list.length; n += 1) list[n] = build(axis + 1, offset + n * array.strides[axis]!);
    return list;
  };
  return build(0, array.offset);
}

function toNumber(item: number | bigint, dtype: DType): Plain {
  if (typeof item === 'bigint') return Number.isSafeInteger(Number(item)) ? Number(item) : String(item);
  if (dtype === 'bool') return item !== 0;
  const number = dtype === 'float16' ? halfToNumber(item) : item;
  return Number.isFinite(number) ? number : null;
}
