import { EisenError } from '../../../errors/error.js';
import { viewArray } from '../../../tensor/array-bytes.js';
import { DTYPES, type DType } from '../../../tensor/dtype.js';
import { countElements, type NdArray, wrapNdArray } from '../../../tensor/ndarray.js';
import type { Plain } from '../../../tensor/value.js';

/** What a tensor of the protocol says of itself. */
export interface TensorHead {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** The elements of a tensor: numbers in an array, or a list of byte strings. */
export type TensorContent =
  | { readonly kind: 'array'; readonly array: NdArray }
  | { readonly kind: 'bytes'; readonly elements: readonly Uint8Array[] };

const BY_OIP = new Map<string, DType>(
  (Object.entries(DTYPES) as [DType, (typeof DTYPES)[DType]][]).map(([dtype, { oip }]) => [oip, dtype]),
);

export function failTensor(name: string, what: string, expected?: string): never {
  throw new EisenError('BODY_UNDECODABLE', `${name}: ${what}.`, { where: name, expected });
}

function dtypeOf({ name, datatype }: TensorHead): DType {
  return (
    BY_OIP.get(datatype) ??
    failTensor(name, `datatype ${datatype} is not known`, [...BY_OIP.keys(), 'BYTES'].join(', '))
  );
}

/** Nested or flat: both are legal, in row-major order. */
function flatten(data: Plain, count: number, name: string): Plain[] {
  const items: Plain[] = [];
  const walk = (value: Plain): void => {
    if (!Array.isArray(value)) items.push(value);
    else for (const inner of value) walk(inner);
    if (items.length > count) failTensor(name, `there are more than ${count} elements`, `${count} elements`);
  };
  walk(data);
  if (items.length !== count) failTensor(name, `there are ${items.length} elements`, `${count} elements`);
  return items;
}

const INTEGER = /^-?\d{1,20}$/;

function readInteger(item: Plain, name: string): bigint {
  if (typeof item === 'number' && Number.isInteger(item)) return BigInt(item);
  if (typeof item === 'string' && INTEGER.test(item)) return BigInt(item);
  return failTensor(name, `${JSON.stringify(item)?.slice(0, 40)} is no whole number`);
}

function decodeNumbers(items: readonly Plain[], dtype: DType, head: TensorHead): NdArray {
  const { array: TypedArray, kind } = DTYPES[dtype];
  const data = new TypedArray(items.length);
  for (let at = 0; at < items.length; at += 1) {
    const item = items[at]!;
    if (kind === 'bool') {
      if (item !== true && item !== false && item !== 0 && item !== 1) failTensor(head.name, 'an element is no flag');
      data[at] = Number(item) as never;
    } else if (kind === 'float') {
      if (typeof item !== 'number') failTensor(head.name, 'an element is no number');
      data[at] = item as never;
    } else {
      const whole = readInteger(item, head.name);
      data[at] = (typeof data[at] === 'bigint' ? whole : Number(whole)) as never;
      if (BigInt(data[at]!) !== whole) failTensor(head.name, `${whole} does not fit ${head.datatype}`);
    }
  }
  return wrapNdArray(dtype, head.shape, data);
}

/** The elements of a tensor as JSON carries them. Throws BODY_UNDECODABLE or LIMIT_EXCEEDED. */
export function decodeJsonData(data: Plain, head: TensorHead): TensorContent {
  const count = countElements(head.shape, head.name);
  const items = flatten(data, count, head.name);
  if (head.datatype === 'BYTES') {
    const elements = items.map((item) =>
      typeof item === 'string' ? Buffer.from(item, 'utf8') : failTensor(head.name, 'an element is no text'),
    );
    return { kind: 'bytes', elements };
  }
  const dtype = dtypeOf(head);
  if (dtype === 'float16') failTensor(head.name, 'FP16 cannot travel as JSON numbers', 'the binary form');
  return { kind: 'array', array: decodeNumbers(items, dtype, head) };
}

function splitElements(bytes: Uint8Array, count: number, name: string): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.byteLength) {
    if (at + 4 > bytes.byteLength) failTensor(name, `an element ends inside of its length, at byte ${at}`);
    const end = at + 4 + view.getUint32(at, true);
    if (end > bytes.byteLength) failTensor(name, `the element at byte ${at} is longer than what is left`);
    if (elements.length === count) failTensor(name, `there are more than ${count} elements`);
    elements.push(bytes.subarray(at + 4, end));
    at = end;
  }
  if (elements.length !== count) failTensor(name, `there are ${elements.length} elements`, `${count} elements`);
  return elements;
}

/** The elements of a tensor as raw little-endian bytes; viewed in place where they lie aligned. */
export function decodeBinaryData(bytes: Uint8Array, head: TensorHead): TensorContent {
  const { name, datatype, shape } = head;
  if (datatype === 'BYTES') return { kind: 'bytes', elements: splitElements(bytes, countElements(shape, name), name) };
  return { kind: 'array', array: viewArray(bytes, { dtype: dtypeOf(head), bigEndian: false }, { shape, where: name }) };
}
