import { EisenError } from '../errors/error.js';
import { DTYPES, type DType } from './dtype.js';

/** A numpy dtype as text names it: our dtype, and whether the bytes lie in big-endian order. */
export interface NumpyDType {
  readonly dtype: DType;
  readonly bigEndian: boolean;
}

const BY_NAME = new Map<string, DType>();
for (const [name, row] of Object.entries(DTYPES)) {
  BY_NAME.set(name, name as DType);
  BY_NAME.set(row.numpy, name as DType);
}
for (const [alias, dtype] of [
  ['?', 'bool'],
  ['bool_', 'bool'],
  ['bool8', 'bool'],
  ['half', 'float16'],
  ['single', 'float32'],
  ['double', 'float64'],
  ['float', 'float64'],
  ['int', 'int64'],
] as const)
  BY_NAME.set(alias, dtype);

/**
 * Reads a numpy dtype string: a name (`float32`), a type string with byte order (`>f4`, `<i2`, `|u1`, `=f8`) or without
 * (`f4`). Throws TENSOR_DTYPE for object, string, complex, datetime and structured dtypes.
 */
export function parseNumpyDType(text: string, where: string): NumpyDType {
  const order = '<>=|'.includes(text.charAt(0)) ? text.charAt(0) : '';
  const dtype = text.length <= 16 ? BY_NAME.get(text.slice(order.length)) : undefined;
  if (dtype === undefined || text === '') {
    throw new EisenError(
      'TENSOR_DTYPE',
      `${where}: dtype is '${text.slice(0, 40)}'; expected a number type such as float32, int16, uint8, bool or >f4.`,
      { where, found: text.slice(0, 40), hint: 'Object, string, complex and structured arrays cannot be sent.' },
    );
  }
  return { dtype, bigEndian: order === '>' && DTYPES[dtype].bytes > 1 };
}

/** numpy's type string of a dtype in little-endian order, as an .npy header carries it: `<f4`, `|u1`. */
export function renderNumpyDType(dtype: DType): string {
  return `${DTYPES[dtype].bytes === 1 ? '|' : '<'}${DTYPES[dtype].numpy}`;
}
