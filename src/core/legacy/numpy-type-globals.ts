import { DTYPES } from '../tensor/dtype.js';
import type { GlobalRule } from './pickle-machine.js';

/** `numpy.float32` and its like as values (NumpyToNifti's data_types); numpy calls bool `bool_`. */
export const NUMPY_TYPE_GLOBALS: readonly (readonly [string, GlobalRule])[] = [...Object.keys(DTYPES), 'bool_'].map(
  (name) => [`numpy.${name}`, {}],
);

/** The dtype name of such a value, or undefined. */
export function dtypeOfGlobal(name: string): string | undefined {
  const [, dtype] = /^numpy\.(\w+)$/.exec(name) ?? [];
  if (dtype === 'bool_') return 'bool';
  return dtype !== undefined && Object.hasOwn(DTYPES, dtype) ? dtype : undefined;
}
