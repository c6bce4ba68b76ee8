import { EisenError } from '../errors/error.js';
import { type DType, isDType, type TypedArray } from '../tensor/dtype.js';
import { contiguousStrides, type NdArray, wrapNdArray } from '../tensor/ndarray.js';
import type { Fields, Plain, Value } from '../tensor/value.js';

/** An array as a caller writes it; C order unless strides are given. */
export interface ArrayInput {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
  readonly strides?: readonly number[];
  readonly offset?: number;
}

/** What a field of a batch may be: an array, the bytes of a file, or plain data. */
export type BatchValue = ArrayInput | Uint8Array | Plain;
export type Batch = Readonly<Record<string, BatchValue>> | ReadonlyMap<string, BatchValue>;

/** What a field of a reply is. */
export type ReplyValue = NdArray | Uint8Array | Plain;

/** The fields of a batch, in its order; throws INPUT_INVALID for a value that cannot travel. */
export function toFields(batch: Batch): Fields {
  const entries = batch instanceof Map ? [...batch] : Object.entries(batch);
  return new Map(entries.map(([name, value]) => [name, toValue(name, value as BatchValue)]));
}

function toValue(name: string, value: BatchValue): Value {
  if (value instanceof Uint8Array) return { kind: 'file', bytes: value };
  if (ArrayBuffer.isView(value)) {
    throw new EisenError('INPUT_INVALID', `${name}: a bare typed array has no shape; expected {dtype, shape, data}.`, {
      where: name,
    });
  }
  if (isArrayInput(value)) return { kind: 'array', array: toArray(name, value) };
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') {
    throw new EisenError('INPUT_INVALID', `${name}: found ${typeof value}; expected an array, bytes or plain data.`, {
      where: name,
    });
  }
  return { kind: 'plain', value };
}

function isArrayInput(value: unknown): value is ArrayInput {
  if (typeof value !== 'object' || value === null) return false;
  const { dtype, shape, data } = value as Partial<ArrayInput>;
  return typeof dtype === 'string' && isDType(dtype) && Array.isArray(shape) && ArrayBuffer.isView(data);
}

function toArray(name: string, { dtype, shape, data, strides, offset }: ArrayInput): NdArray {
  if (strides === undefined) return wrapNdArray(dtype, shape, data);
  const array = { dtype, shape, strides, offset: offset ?? 0, data };
  checkReach(name, array);
  return array;
}

/** A caller's strides must not reach outside of the data. */
function checkReach(name: string, { shape, strides, offset, data }: NdArray): void {
  if (strides.length !== shape.length) {
    throw new EisenError('INPUT_INVALID', `${name}: ${strides.length} strides for ${shape.length} axes.`, {
      where: name,
    });
  }
  if (shape.includes(0)) return;
  const ends = shape.map((length, axis) => (length - 1) * strides[axis]!);
  const low = offset + ends.reduce((sum, end) => sum + Math.min(end, 0), 0);
  const high = offset + ends.reduce((sum, end) => sum + Math.max(end, 0), 0);
  if (Number.isSafeInteger(low) && Number.isSafeInteger(high) && low >= 0 && high < data.length) return;
  const expected = contiguousStrides(shape).join(', ');
  throw new EisenError('INPUT_INVALID', `${name}: the strides reach outside of the data; C order is [${expected}].`, {
    where: name,
  });
}

/** The values of a reply by name, on an object without a prototype: names are the server's. */
export function fromFields(fields: Fields): Record<string, ReplyValue> {
  const reply = Object.create(null) as Record<string, ReplyValue>;
  for (const [name, value] of fields) {
    if (value.kind === 'array' || value.kind === 'image') reply[name] = value.array;
    else reply[name] = value.kind === 'file' ? value.bytes : value.value;
  }
  return reply;
}
