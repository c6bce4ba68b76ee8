import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import type { NdArray } from '../tensor/ndarray.js';
import { decodeNpy, isNpy } from '../tensor/npy.js';
import { decodeNpz } from '../tensor/npz.js';
import type { ImageValue } from '../tensor/value.js';
import { looksLikeZip, readZipContents } from '../tensor/zip-contents.js';
import type { NamedBytes } from './dicom/named-bytes.js';
import { looksLikeDicom } from './dicom/preamble.js';
import { readDicomSeries } from './dicom/read-series.js';
import { inflateStart, isGzip } from './gunzip.js';
import { looksLikeNifti, readNifti } from './nifti/read.js';
import { looksLikePng, readPng } from './pictures/png-read.js';
import { looksLikeJpeg, looksLikeTiff, readWithSharp } from './pictures/sharp-read.js';
import { looksLikeMetaImage, readMetaImage } from './volumes/meta-image.js';
import { looksLikeNrrd, readNrrd } from './volumes/nrrd.js';

const START_BYTES = 1024;
const FORMATS = 'NIfTI, DICOM (file or zip of a series), MHA, NRRD, PNG, JPEG, TIFF, NPY, NPZ';

/**
 * Decodes the bytes of an image file, told by their beginning, never by the name. Pictures have the form `pil`, MetaImage
 * and NRRD `itk`, everything else `nifti`. Throws IMAGE_FORMAT for what is not recognised, and the format's own code for
 * a damaged file.
 */
export async function decodeImage(bytes: Uint8Array, { name }: { readonly name: string }): Promise<ImageValue> {
  const start = isGzip(bytes) ? inflateStart(bytes, START_BYTES, name) : bytes;
  if (looksLikeNifti(start)) return readNifti({ bytes, name });
  if (looksLikeDicom(bytes)) return readDicomSeries([{ name, bytes }], name);
  if (looksLikePng(bytes)) return readPng(bytes, name);
  if (looksLikeJpeg(bytes) || looksLikeTiff(bytes)) return readWithSharp(bytes, name);
  if (looksLikeNrrd(bytes)) return readNrrd(bytes, name);
  if (looksLikeMetaImage(bytes)) return readMetaImage(bytes, name);
  if (isNpy(bytes)) return plainImage(decodeNpy(bytes, name));
  if (looksLikeZip(bytes)) return decodeZip(bytes, name);
  throw unknown(name);
}

/**
 * Decodes one image that comes as several files: a DICOM series, a .hdr and .img pair, an .mhd or .nhdr with its data file.
 * Throws as decodeImage does.
 */
export async function decodeImageFiles(
  files: readonly NamedBytes[],
  { name }: { readonly name: string },
): Promise<ImageValue> {
  const [only] = files;
  if (only && files.length === 1) return decodeImage(only.bytes, { name: only.name });
  const header = files.find((file) => /\.hdr(?:\.gz)?$/i.test(file.name));
  const voxels = files.find((file) => /\.img(?:\.gz)?$/i.test(file.name));
  if (files.length === 2 && header && voxels) {
    return readNifti({ bytes: header.bytes, imageBytes: voxels.bytes, name: header.name });
  }
  const text = files.find((file) => looksLikeMetaImage(file.bytes) || looksLikeNrrd(file.bytes));
  if (text) {
    const data = files.length === 2 ? files.find((file) => file !== text)!.bytes : undefined;
    const read = looksLikeNrrd(text.bytes) ? readNrrd : readMetaImage;
    return read(text.bytes, text.name, data);
  }
  if (files.some(({ bytes }) => looksLikeDicom(bytes))) return readDicomSeries(files, name);
  throw unknown(name);
}

async function decodeZip(bytes: Uint8Array, name: string): Promise<ImageValue> {
  const contents = readZipContents(bytes, { where: name, code: 'IMAGE_FORMAT' }, LIMITS.seriesFiles);
  if (contents.length > 0 && contents.every((entry) => entry.name.endsWith('.npy'))) {
    const arrays = [...decodeNpz(bytes, name)];
    if (arrays.length === 1) return plainImage(arrays[0]![1]);
    throw new EisenError('IMAGE_FORMAT', `${name}: it holds ${arrays.length} arrays; an image is one.`, {
      where: name,
      found: arrays.map(([key]) => key).join(', '),
    });
  }
  const files: NamedBytes[] = [];
  let total = 0;
  for (const entry of contents) {
    const file = { name: entry.name, bytes: entry.read() };
    total += file.bytes.length;
    if (total > LIMITS.tensorBytes) {
      throw new EisenError('LIMIT_EXCEEDED', `${name}: the files in it take more than ${LIMITS.tensorBytes} bytes.`, {
        where: name,
      });
    }
    files.push(file);
  }
  if (!files.some((file) => looksLikeDicom(file.bytes))) throw unknown(name);
  return readDicomSeries(files, name);
}

function plainImage(array: NdArray): ImageValue {
  return { kind: 'image', form: 'nifti', array, extra: { format: 'npy' } };
}

function unknown(name: string): EisenError {
  return new EisenError('IMAGE_FORMAT', `${name}: the first bytes are those of no image format that is read here.`, {
    where: name,
    expected: FORMATS,
  });
}
