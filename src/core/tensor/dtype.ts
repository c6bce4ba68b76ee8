/** Storage of one dtype. float16 is kept as its 16 bits; bool as one byte of 0 or 1. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

type Constructor = {
  new (length: number): TypedArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
};

interface DTypeRow {
  /** Bytes of one element. */
  readonly bytes: number;
  readonly array: Constructor;
  /** numpy's typestring without the byte order: kind and size. */
  readonly numpy: string;
  /** onnx.TensorProto.DataType. */
  readonly onnx: number;
  /** Datatype name of the Open Inference Protocol. */
  readonly oip: string;
  readonly kind: 'float' | 'int' | 'uint' | 'bool';
}

const row = (
  bytes: number,
  array: unknown,
  numpy: string,
  onnx: number,
  oip: string,
  kind: DTypeRow['kind'],
): DTypeRow => ({
  bytes,
  array: array as Constructor,
  numpy,
  onnx,
  oip,
  kind,
});

/** The one dtype table: names are numpy's. */
export const DTYPES = {
  float16: row(2, Uint16Array, 'f2', 10, 'FP16', 'float'),
  float32: row(4, Float32Array, 'f4', 1, 'FP32', 'float'),
  float64: row(8, Float64Array, 'f8', 11, 'FP64', 'float'),
  int8: row(1, Int8Array, 'i1', 3, 'INT8', 'int'),
  int16: row(2, Int16Array, 'i2', 5, 'INT16', 'int'),
  int32: row(4, Int32Array, 'i4', 6, 'INT32', 'int'),
  int64: row(8, BigInt64Array, 'i8', 7, 'INT64', 'int'),
  uint8: row(1, Uint8Array, 'u1', 2, 'UINT8', 'uint'),
  uint16: row(2, Uint16Array, 'u2', 4, 'UINT16', 'uint'),
  uint32: row(4, Uint32Array, 'u4', 12, 'UINT32', 'uint'),
  uint64: row(8, BigUint64Array, 'u8', 13, 'UINT64', 'uint'),
  bool: row(1, Uint8Array, 'b1', 9, 'BOOL', 'bool'),
} as const;

export type DType = keyof typeof DTYPES;

export function isDType(name: string): name is DType {
  return Object.hasOwn(DTYPES, name);
}
