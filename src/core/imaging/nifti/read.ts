import { LIMITS } from '../../limits.js';
import { wrapNdArray } from '../../tensor/ndarray.js';
import type { ImageValue } from '../../tensor/value.js';
import { inflateExactly, inflateStart, isGzip } from '../gunzip.js';
import { readExtensions } from './extensions.js';
import { HEADER_BYTES } from './fields.js';
import { readAffine, readVoxelSizes } from './form-affine.js';
import { type NiftiHeader, parseNiftiHeader } from './header.js';
import { niftiError } from './nifti-error.js';
import { viewVoxels } from './voxels.js';

/** Enough for either header and its four extension flag bytes. */
const START_BYTES = 1024;

export interface NiftiSource {
  /** The .nii, .nii.gz or .hdr bytes. */
  readonly bytes: Uint8Array;
  /** The .img or .img.gz bytes of a two-file volume. */
  readonly imageBytes?: Uint8Array;
  /** File name for messages. */
  readonly name?: string;
}

/** Facts of a NIfTI header that chains and reports use; the `extra` of its ImageValue. */
export interface NiftiFacts {
  readonly format: 'nifti-1' | 'nifti-2';
  /** nibabel's `get_zooms()`: pixdim[1..rank], voxel sizes repaired, which need not agree with the affine. */
  readonly zooms: readonly number[];
  readonly affineSource: 'sform' | 'qform' | 'pixdim';
  readonly sformCode: number;
  readonly qformCode: number;
  readonly description: string;
  /** Header extensions, raw. */
  readonly extensions: Uint8Array;
  /** Small faults of the header that were repaired, in words. */
  readonly repairs: readonly string[];
}

/** True when the bytes, possibly gzipped, begin with a NIfTI header. */
export function looksLikeNifti(bytes: Uint8Array): boolean {
  const magic = (at: number): string => Buffer.from(bytes.subarray(at, at + 3)).toString('latin1');
  return ['n+1', 'ni1'].includes(magic(344)) || ['n+2', 'ni2'].includes(magic(4));
}

/**
 * Reads a NIfTI-1 or NIfTI-2 volume. The array is indexed (x, y, z[, t …]) over memory with x fastest, holds the stored
 * values, and is a view on `bytes` wherever alignment and byte order allow. The affine is RAS+ in millimetres as nibabel
 * gives it. Throws NIFTI_INVALID for a damaged header, IMAGE_COMPRESSION for a damaged gzip stream, LIMIT_EXCEEDED for a
 * volume past the tensor limit.
 */
export function readNifti(source: NiftiSource): ImageValue {
  const { bytes, imageBytes, name: file = 'volume' } = source;
  const start = isGzip(bytes) ? inflateStart(bytes, START_BYTES, file) : bytes;
  const parsed = parseNiftiHeader(start, file);
  const header = layOut(parsed, source, file);
  if (header.dataBytes > LIMITS.tensorBytes) {
    throw niftiError({
      ...{ file, field: 'dim', offset: header.view.offsetOf('dim'), found: `[${header.shape.join(', ')}]` },
      expected: `at most ${LIMITS.tensorBytes} bytes of voxels`,
    });
  }
  const carrier = imageBytes ?? bytes;
  const opened = openData(header, carrier, file);
  const array = wrapNdArray(header.dtype, header.shape, viewVoxels(header, opened.bytes, opened.owned), 'F');
  const { affine, source: affineSource } = readAffine(header.view, header.shape, file);
  const facts: NiftiFacts = {
    format: header.version === 1 ? 'nifti-1' : 'nifti-2',
    zooms: readZooms(header),
    affineSource,
    sformCode: header.view.get('sform_code'),
    qformCode: header.view.get('qform_code'),
    description: readDescription(header),
    extensions: opened.extensions,
    repairs: header.repairs,
  };
  return {
    kind: 'image',
    form: 'nifti',
    array,
    scaling: header.scaling,
    geometry: {
      affine,
      spatialAxes: [0, 1, 2],
      original: { shape: header.shape, affine, headerBytes: header.bytes, source: 'nifti' },
    },
    extra: { ...facts },
  };
}

/** Where the voxels lie, which is told by the files that there are: the magic may be that of the other form, as for nibabel. */
function layOut(header: NiftiHeader, { bytes, imageBytes }: NiftiSource, file: string): NiftiHeader {
  if (imageBytes)
    return header.single ? { ...header, single: false, dataOffset: header.view.get('vox_offset') } : header;
  return header.single ? header : treatAsSingle(header, bytes, file);
}

/** The pair magic inside one file, when the voxels do follow the header. */
function treatAsSingle(header: NiftiHeader, bytes: Uint8Array, file: string): NiftiHeader {
  const least = HEADER_BYTES[header.version] + 4;
  const dataOffset = Math.max(header.dataOffset, least);
  if (isGzip(bytes) || bytes.length >= dataOffset + header.dataBytes) return { ...header, single: true, dataOffset };
  throw niftiError({
    ...{ file, field: 'magic', offset: header.view.offsetOf('magic'), found: 'that of a .hdr and .img pair' },
    expected: 'the .img file beside it',
    hint: 'Give both files of the pair, or convert them to one .nii file.',
  });
}

function openData(
  header: NiftiHeader,
  carrier: Uint8Array,
  file: string,
): { bytes: Uint8Array; owned: boolean; extensions: Uint8Array } {
  const length = header.dataOffset + header.dataBytes;
  const owned = isGzip(carrier);
  const bytes = owned ? inflateExactly(carrier, { length, file }) : carrier;
  if (bytes.length < length) {
    throw niftiError({
      ...{ file, field: 'the file', found: `${bytes.length} bytes long` },
      expected: `${length} bytes for [${header.shape.join(', ')}] ${header.dtype} from byte ${header.dataOffset}`,
      hint: 'The file is cut off.',
    });
  }
  // Before the voxels are moved or swapped in place.
  const extensions = readExtensions(header, bytes, file);
  return { bytes, owned, extensions };
}

function readZooms(header: NiftiHeader): number[] {
  const spatial = readVoxelSizes(header.view);
  return header.shape.map((_, axis) => spatial[axis] ?? header.view.get('pixdim', axis + 1));
}

function readDescription(header: NiftiHeader): string {
  const at = header.view.offsetOf('descrip');
  const text = Buffer.from(header.bytes.subarray(at, at + 80)).toString('latin1');
  return text.split('\0', 1)[0]!;
}
