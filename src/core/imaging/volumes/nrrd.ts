import type { DType } from '../../tensor/dtype.js';
import type { ImageValue } from '../../tensor/value.js';
import type { ItkGrid } from '../itk/itk-grid.js';
import { itkVolume } from './itk-volume.js';
import { readRawVoxels } from './raw-voxels.js';
import { parseNumbers, readTextHeader, volumeError } from './text-header.js';

const DTYPE_NAMES: Readonly<Record<string, DType>> = Object.assign(Object.create(null), {
  ...{
    'signed char': 'int8',
    int8: 'int8',
    int8_t: 'int8',
    uchar: 'uint8',
    'unsigned char': 'uint8',
    uint8: 'uint8',
    uint8_t: 'uint8',
  },
  ...{ short: 'int16', 'short int': 'int16', 'signed short': 'int16', int16: 'int16', int16_t: 'int16' },
  ...{ ushort: 'uint16', 'unsigned short': 'uint16', uint16: 'uint16', uint16_t: 'uint16' },
  ...{ int: 'int32', 'signed int': 'int32', int32: 'int32', int32_t: 'int32' },
  ...{ uint: 'uint32', 'unsigned int': 'uint32', uint32: 'uint32', uint32_t: 'uint32' },
  ...{ longlong: 'int64', 'long long': 'int64', int64: 'int64', int64_t: 'int64' },
  ...{ ulonglong: 'uint64', 'unsigned long long': 'uint64', uint64: 'uint64', uint64_t: 'uint64' },
  ...{ float: 'float32', double: 'float64' },
});

/** Signs that take a space to LPS. */
const SPACES: ReadonlyMap<string, readonly number[]> = new Map([
  ['left-posterior-superior', [1, 1, 1]],
  ['lps', [1, 1, 1]],
  ['right-anterior-superior', [-1, -1, 1]],
  ['ras', [-1, -1, 1]],
  ['left-anterior-superior', [1, -1, 1]],
  ['las', [1, -1, 1]],
]);

export function looksLikeNrrd(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 7)).toString('latin1') === 'NRRD000';
}

/**
 * An NRRD file with its data inside, raw or gzipped, two to four axes, an axis of channels first or none. World axes are
 * LPS as ITK reads it. Throws IMAGE_FORMAT, IMAGE_COMPRESSION.
 */
export function readNrrd(bytes: Uint8Array, file: string): ImageValue {
  const { fields, end } = readTextHeader(bytes, { file, parting: ':', isLast: () => false, skipLines: 1 });
  if (fields.has('data file') || fields.has('datafile')) {
    throw volumeError(file, 'the voxels are in another file', 'Write one .nrrd file instead.');
  }
  const dtype = DTYPE_NAMES[fields.get('type') ?? ''];
  if (!dtype) throw volumeError(file, `the type is '${fields.get('type')}', which is not read here`);
  const encoding = fields.get('encoding');
  if (!['raw', 'gzip', 'gz'].includes(encoding ?? ''))
    throw volumeError(file, `the encoding is '${encoding}'; expected raw or gzip`);
  const rank = Number(fields.get('dimension'));
  if (!(rank >= 2 && rank <= 4))
    throw volumeError(file, `the dimension is '${fields.get('dimension')}'; expected 2, 3 or 4`);
  const array = readRawVoxels({
    bytes: bytes.subarray(end),
    dtype,
    shape: parseNumbers(fields.get('sizes'), { count: rank, what: 'sizes', file }),
    bigEndian: fields.get('endian') === 'big',
    compressed: encoding !== 'raw',
    file,
  });
  const directions = fields.get('space directions')?.match(/none|\([^)]*\)/g);
  const channels = directions?.[0] === 'none' || /^(?:vector|RGB-color|list)/.test(fields.get('kinds') ?? '');
  return itkVolume(array, {
    grid: readGrid(fields, { rank, channels, file, directions: directions ?? undefined }),
    channels,
    format: 'nrrd',
  });
}

interface GridFacts {
  readonly rank: number;
  readonly channels: boolean;
  readonly directions: readonly string[] | undefined;
  readonly file: string;
}

function readGrid(
  fields: ReadonlyMap<string, string>,
  { rank, channels, directions, file }: GridFacts,
): ItkGrid | undefined {
  if (rank - Number(channels) !== 3) return undefined;
  if (!directions) {
    const spacing = fields.has('spacings')
      ? parseNumbers(fields.get('spacings'), { count: 3, what: 'spacings', file })
      : [1, 1, 1];
    return { spacing, origin: [0, 0, 0], direction: [1, 0, 0, 0, 1, 0, 0, 0, 1] };
  }
  const signs = SPACES.get((fields.get('space') ?? 'left-posterior-superior').toLowerCase());
  if (!signs) throw volumeError(file, `the space is '${fields.get('space')}'; expected LPS, RAS or LAS`);
  const vector = (text: string | undefined, what: string): number[] =>
    parseNumbers(text?.replace(/[()]/g, ''), { count: 3, what, file }).map((value, n) => value * signs[n]!);
  const columns = directions.filter((text) => text !== 'none').map((text) => vector(text, 'space directions'));
  if (columns.length !== 3) throw volumeError(file, `there are ${columns.length} space directions; expected 3`);
  const spacing = columns.map(([x, y, z]) => Math.sqrt(x! * x! + y! * y! + z! * z!));
  if (!spacing.every((size) => size > 0)) throw volumeError(file, 'a space direction has no length');
  return {
    spacing,
    origin: fields.has('space origin') ? vector(fields.get('space origin'), 'space origin') : [0, 0, 0],
    direction: [0, 1, 2].flatMap((row) => columns.map((column, n) => column[row]! / spacing[n]!)),
  };
}
