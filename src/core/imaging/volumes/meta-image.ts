import type { DType } from '../../tensor/dtype.js';
import type { ImageValue } from '../../tensor/value.js';
import { itkVolume } from './itk-volume.js';
import { readRawVoxels } from './raw-voxels.js';
import { parseNumbers, readTextHeader, volumeError } from './text-header.js';

const DTYPES_OF_MET: ReadonlyMap<string, DType> = new Map([
  ['MET_CHAR', 'int8'],
  ['MET_UCHAR', 'uint8'],
  ['MET_SHORT', 'int16'],
  ['MET_USHORT', 'uint16'],
  ['MET_INT', 'int32'],
  ['MET_UINT', 'uint32'],
  ['MET_LONG_LONG', 'int64'],
  ['MET_ULONG_LONG', 'uint64'],
  ['MET_FLOAT', 'float32'],
  ['MET_DOUBLE', 'float64'],
]);

export function looksLikeMetaImage(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  return /^(?:ObjectType|NDims|Comment)\s*=/.test(start);
}

/**
 * A MetaImage (.mha, or .mhd with its data file as `dataBytes`), world axes LPS as ITK reads it. Throws IMAGE_FORMAT,
 * IMAGE_COMPRESSION.
 */
export function readMetaImage(bytes: Uint8Array, file: string, dataBytes?: Uint8Array): ImageValue {
  const { fields, end } = readTextHeader(bytes, { file, parting: '=', isLast: (key) => key === 'elementdatafile' });
  const rank = Number(fields.get('ndims'));
  if (!(rank >= 2 && rank <= 4)) throw volumeError(file, `NDims is '${fields.get('ndims')}'; expected 2, 3 or 4`);
  const dtype = DTYPES_OF_MET.get(fields.get('elementtype') ?? '');
  if (!dtype)
    throw volumeError(
      file,
      `ElementType is '${fields.get('elementtype')}'; expected one of ${[...DTYPES_OF_MET.keys()].join(', ')}`,
    );
  const size = parseNumbers(fields.get('dimsize'), { count: rank, what: 'DimSize', file });
  const channels = Number(fields.get('elementnumberofchannels') ?? '1');
  const isTrue = (key: string): boolean => fields.get(key)?.toLowerCase() === 'true';
  const target = fields.get('elementdatafile');
  const local = target === 'LOCAL';
  if (fields.has('binarydata') && !isTrue('binarydata')) {
    throw volumeError(file, 'the voxels are written as text', 'Write it in binary form.');
  }
  if (!local && (!dataBytes || /^LIST|%/.test(target ?? ''))) {
    throw volumeError(file, `the voxels are in '${target}', which was not given`, 'Write one .mha file instead.');
  }
  const skipped = Number(fields.get('headersize') ?? 0);
  if (!Number.isSafeInteger(skipped) || skipped < -1 || (local && skipped > 0)) {
    throw volumeError(file, `HeaderSize is '${fields.get('headersize')}'; expected 0 or -1, or bytes of a data file`);
  }
  const array = readRawVoxels({
    bytes: local ? bytes.subarray(end) : dataBytes!.subarray(Math.max(skipped, 0)),
    dtype,
    shape: channels > 1 ? [channels, ...size] : size,
    bigEndian: isTrue('elementbyteordermsb') || isTrue('binarydatabyteordermsb'),
    compressed: isTrue('compresseddata'),
    fromEnd: skipped === -1,
    file,
  });
  const read = (keys: readonly string[], count: number, fallback: readonly number[]): readonly number[] => {
    const key = keys.find((one) => fields.has(one));
    return key ? parseNumbers(fields.get(key), { count, what: key, file }) : fallback;
  };
  if (rank !== 3) return itkVolume(array, { grid: undefined, channels: channels > 1, format: 'metaimage' });
  const matrix = read(['transformmatrix', 'rotation', 'orientation'], 9, [1, 0, 0, 0, 1, 0, 0, 0, 1]);
  const spacing = read(['elementspacing', 'elementsize'], 3, [1, 1, 1]);
  if (!spacing.every((size) => size !== 0)) throw volumeError(file, `the spacing is ${spacing.join(' × ')} mm`);
  const grid = {
    spacing: spacing.map(Math.abs),
    origin: read(['offset', 'position', 'origin'], 3, [0, 0, 0]),
    // The file lists the direction of each axis after the other: the columns of ITK's matrix.
    // As in ITK, a negative spacing turns its axis.
    direction: [0, 3, 6, 1, 4, 7, 2, 5, 8].map((n, at) => matrix[n]! * Math.sign(spacing[at % 3]!) + 0),
  };
  return itkVolume(array, { grid, channels: channels > 1, format: 'metaimage' });
}
