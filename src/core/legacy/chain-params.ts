import type { NdArray } from '../tensor/ndarray.js';
import type { Plain } from '../tensor/value.js';
import { dtypeOfGlobal } from './numpy-type-globals.js';
import type { PickleValue } from './pickle-value.js';

const MAX_DEPTH = 16;
const MAX_ELEMENTS = 10_000;

/** One conversion: `left` counts down, so that a value shared through the memo cannot multiply. */
export interface ParamWalk {
  left: number;
  readonly refuse: () => Error;
}

export function createParamWalk(refuse: () => Error): ParamWalk {
  return { left: MAX_ELEMENTS, refuse };
}

function element(array: NdArray, index: number): Plain {
  const value = array.data[index]!;
  if (array.dtype === 'bool') return value !== 0;
  return typeof value === 'bigint' && BigInt(Number(value)) === value ? Number(value) : value;
}

function nestedList(array: NdArray, axis: number, offset: number): Plain {
  if (axis === array.shape.length) return element(array, offset);
  return Array.from({ length: array.shape[axis]! }, (_, n) =>
    nestedList(array, axis + 1, offset + n * array.strides[axis]!),
  );
}

/** A constructor's argument as JSON: arrays and tuples become lists, numpy scalars numbers, dtypes their names. */
export function toPlainParam(value: PickleValue, walk: ParamWalk, depth = 0): Plain {
  walk.left -= 1;
  if (depth > MAX_DEPTH || walk.left < 0) throw walk.refuse();
  if (typeof value !== 'object' || value === null) return value;
  switch (value.kind) {
    case 'list':
    case 'tuple':
      return value.items.map((item) => toPlainParam(item, walk, depth + 1));
    case 'dict': {
      const plain: { [key: string]: Plain } = Object.create(null);
      for (const [key, item] of value.entries) {
        if (typeof key !== 'string' || key === '__proto__') throw walk.refuse();
        plain[key] = toPlainParam(item, walk, depth + 1);
      }
      return plain;
    }
    case 'array':
      walk.left -= value.array?.data.length ?? 0;
      if (value.array === null || walk.left < 0 || value.array.dtype === 'float16') throw walk.refuse();
      return nestedList(value.array, 0, value.array.offset);
    case 'dtype':
      return value.dtype;
    case 'global': {
      const dtype = dtypeOfGlobal(value.name);
      if (dtype === undefined) throw walk.refuse();
      return dtype;
    }
    default:
      throw walk.refuse();
  }
}
