import { EisenError } from '../errors/error.js';
import type { ImageValue } from '../tensor/value.js';
import { inflateStart, isGzip } from './gunzip.js';
import { looksLikeNifti, readNifti } from './nifti/read.js';

/** Decodes the bytes of an image file, told by their beginning. Throws IMAGE_FORMAT for what is not recognised. */
export async function decodeImage(bytes: Uint8Array, { name }: { readonly name: string }): Promise<ImageValue> {
  const start = isGzip(bytes) ? inflateStart(bytes, 1024, name) : bytes;
  if (looksLikeNifti(start)) return readNifti({ bytes, name });
  throw new EisenError('IMAGE_FORMAT', `${name}: the first bytes are those of no image format that is read here.`, {
    where: name,
    expected: 'NIfTI',
  });
}
