import { EisenError } from '../errors/error.js';
import type { NdArray } from './ndarray.js';
import { decodeNpy } from './npy.js';
import { readZipContents } from './zip-contents.js';

/** Reads the arrays of an .npz file by name, without their `.npy` ending. Throws NPY_INVALID; zip64 files are refused. */
export function decodeNpz(bytes: Uint8Array, where = 'npz'): Map<string, NdArray> {
  const arrays = new Map<string, NdArray>();
  for (const content of readZipContents(bytes, { where, code: 'NPY_INVALID' })) {
    const name = content.name.replace(/\.npy$/, '');
    if (arrays.has(name)) {
      throw new EisenError('NPY_INVALID', `${where}: the entry '${name}' stands twice.`, { where });
    }
    arrays.set(name, decodeNpy(content.read(), `${where}: ${content.name}`));
  }
  return arrays;
}
