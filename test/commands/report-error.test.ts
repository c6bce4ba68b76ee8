import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { reportError } from '../../src/commands/report-error.js';
import { EisenError, isEisenError } from '../../src/core/errors/error.js';
import { decodeImage } from '../../src/core/imaging/decode-image.js';
import { encodeNifti } from '../../src/core/imaging/nifti/write.js';
import { wrapNdArray } from '../../src/core/tensor/ndarray.js';

afterEach(() => void jest.restoreAllMocks());

/** What a person reads of an error. */
function readReport(error: unknown): string {
  let text = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((piece) => {
    text += String(piece);
    return true;
  });
  reportError(error, { json: false });
  return text;
}

/** A volume of 2000 bytes of which 1900 are left. */
function cutVolume(): Uint8Array {
  const array = wrapNdArray('uint8', [12, 12, 12], new Uint8Array(12 ** 3), 'F');
  return Buffer.concat(encodeNifti({ array })).subarray(0, 1900);
}

/** Its first axis has -4 voxels. */
function damagedVolume(): Uint8Array {
  const bytes = Buffer.from(cutVolume());
  bytes.writeInt16LE(-4, 42);
  return bytes;
}

const count = (text: string, part: string): number => text.split(part).length - 1;

describe('an error for people', () => {
  it.each([
    ['a volume that is cut off', cutVolume(), 'The file is cut off.'],
    ['a damaged header', damagedVolume(), 'The header may be byte-swapped or damaged.'],
  ])('says the hint of %s once, though message and details both carry it', async (_, bytes, hint) => {
    const error: unknown = await decodeImage(bytes, { name: 'v.nii' }).catch((problem: unknown) => problem);
    expect(isEisenError(error) && error.details.hint).toBe(hint);
    expect(count(readReport(error), hint)).toBe(1);
  });

  it('says a hint that the message lacks in a line of its own', () => {
    const error = new EisenError('FILE_EXISTS', 'a.nii: exists already.', { hint: 'Overwrite it with --force.' });
    expect(readReport(error)).toBe(
      'eisen-deploy: a.nii: exists already. [FILE_EXISTS]\n  Overwrite it with --force.\n',
    );
  });
});
