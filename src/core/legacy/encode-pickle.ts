import { EisenError } from '../errors/error.js';
import { arrayBytes } from '../tensor/array-bytes.js';
import type { Fields, Value } from '../tensor/value.js';
import { type PickleWriter, raw, writeArray, writeBytes, writePlain, writeText } from './pickle-writer.js';

function writeValue(writer: PickleWriter, value: Value): void {
  if (value.kind === 'plain') writePlain(writer, value.value);
  else if (value.kind === 'file') writeBytes(writer, [value.bytes]);
  else writeArray(writer, { ...value.array, pieces: [arrayBytes(value.array)] });
}

/**
 * Writes a body that eisen-deploy 0.0.2 reads on numpy 1 and 2: pickle protocol 4, a dict of ndarrays, numbers, text,
 * lists and bytes, in the order of the fields. The pieces share the arrays' memory.
 * Throws NOT_ACCEPTABLE for an image with a scaling that nobody has applied.
 */
export function encodePickleFields(fields: Fields): Uint8Array[] {
  const writer: PickleWriter = { pieces: [] };
  raw(writer, '\x80\x04}(');
  for (const [name, value] of fields) {
    if (value.kind === 'image' && value.scaling !== undefined) {
      throw new EisenError('NOT_ACCEPTABLE', `field '${name}' is an image with a scaling; it has no pickle form.`, {
        where: name,
        hint: 'End the post-processing chain with NiftiToNumpy, or ask for application/x-nifti.',
      });
    }
    writeText(writer, name);
    writeValue(writer, value);
  }
  raw(writer, 'u.');
  return writer.pieces;
}
