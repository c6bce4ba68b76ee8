import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';
import { DTYPES, type DType } from '../../tensor/dtype.js';
import { wrapNdArray } from '../../tensor/ndarray.js';
import type { ImageValue } from '../../tensor/value.js';
import { readTiffFacts } from './tiff-facts.js';

const DTYPE_OF_DEPTH = {
  uchar: 'uint8',
  char: 'int8',
  ushort: 'uint16',
  short: 'int16',
  uint: 'uint32',
  int: 'int32',
  float: 'float32',
  double: 'float64',
} as const satisfies Record<string, DType>;

export function looksLikeJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

export function looksLikeTiff(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  return start === 'II*\0' || start === 'MM\0*';
}

/**
 * A JPEG, or the first page of a TIFF (`extra.pages` tells how many there are), as PIL's array of it: axes (row,
 * column[, sample]), 16-bit colour as its upper bytes, no turning by EXIF, no colour management. Refused by name: CMYK and
 * palette pictures, samples that the decoder would drop or clip, a TIFF that is turned by a tag. Throws IMAGE_FORMAT.
 */
export async function readWithSharp(bytes: Uint8Array, file: string): Promise<ImageValue> {
  const { default: sharp } = await import('sharp');
  const tiff = looksLikeTiff(bytes) ? readTiffFacts(bytes, file) : undefined;
  if (tiff?.photometric === 3) throw refuse(file, 'a palette TIFF');
  try {
    const picture = sharp(bytes, {
      ignoreIcc: true,
      limitInputPixels: LIMITS.tensorBytes / 8,
      failOn: 'error',
      pages: 1,
    });
    const facts = await picture.metadata();
    const dtype = DTYPE_OF_DEPTH[facts.depth as keyof typeof DTYPE_OF_DEPTH];
    const channels = facts.channels ?? 1;
    if (facts.space === 'cmyk' || !dtype)
      throw refuse(file, facts.space === 'cmyk' ? 'a CMYK picture' : `a picture of ${facts.depth}`);
    if (facts.depth === 'short') throw refuse(file, 'a TIFF of signed 16-bit numbers');
    if (tiff && (facts.orientation ?? 1) !== 1) throw refuse(file, 'a TIFF that is turned by its orientation tag');
    const { data, info } = await keepSpace(picture, facts.space, channels)
      .raw({ depth: facts.depth as 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== channels) throw refuse(file, `a picture of ${channels} samples a pixel`);
    const shape = info.channels === 1 ? [info.height, info.width] : [info.height, info.width, info.channels];
    const copy = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
    const values = new DTYPES[dtype].array(copy as ArrayBuffer, 0, data.byteLength / DTYPES[dtype].bytes);
    const array =
      tiff?.bits === 1
        ? wrapNdArray(
            'bool',
            shape,
            (values as Uint8Array).map((value) => (value ? 1 : 0)),
          )
        : dtype === 'uint16' && channels > 2
          ? wrapNdArray(
              'uint8',
              shape,
              Uint8Array.from(values as Uint16Array, (value) => value >> 8),
            )
          : wrapNdArray(dtype, shape, values);
    return { kind: 'image', form: 'pil', array, extra: { format: facts.format, pages: facts.pages ?? 1 } };
  } catch (cause) {
    if (cause instanceof EisenError) throw cause;
    throw new EisenError('IMAGE_FORMAT', `${file}: the picture cannot be decoded.`, { where: file, cause });
  }
}

type Picture = ReturnType<typeof import('sharp')['default']>;

/** Without this, everything comes out as 8-bit sRGB. */
function keepSpace(picture: Picture, space: string | undefined, channels: number): Picture {
  if (space === 'grey16' || space === 'rgb16') return picture.toColourspace(space);
  return channels <= 2 ? picture.toColourspace('b-w') : picture;
}

function refuse(file: string, what: string): EisenError {
  return new EisenError('IMAGE_FORMAT', `${file}: ${what} is not read here.`, {
    where: file,
    hint: 'Convert it to grey values or RGB first.',
  });
}
