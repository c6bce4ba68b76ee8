import type { DType } from '../../tensor/dtype.js';

/** NIfTI datatype codes that are plain numbers. */
export const DTYPE_OF_CODE: ReadonlyMap<number, DType> = new Map([
  [2, 'uint8'],
  [4, 'int16'],
  [8, 'int32'],
  [16, 'float32'],
  [64, 'float64'],
  [256, 'int8'],
  [512, 'uint16'],
  [768, 'uint32'],
  [1024, 'int64'],
  [1280, 'uint64'],
]);

/** Codes of the standard that we know and refuse. */
export const REFUSED_CODES: ReadonlyMap<number, string> = new Map([
  [1, '1-bit binary'],
  [32, 'complex64'],
  [128, 'RGB colour'],
  [1536, 'float128'],
  [1792, 'complex128'],
  [2048, 'complex256'],
  [2304, 'RGBA colour'],
]);

/** The datatype code of a dtype; bool is stored as uint8. Undefined for float16, which NIfTI does not have. */
export function codeOfDType(dtype: DType): number | undefined {
  const wanted = dtype === 'bool' ? 'uint8' : dtype;
  for (const [code, known] of DTYPE_OF_CODE) if (known === wanted) return code;
  return undefined;
}
