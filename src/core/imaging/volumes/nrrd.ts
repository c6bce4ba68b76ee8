import type { DType } from '../../tensor/dtype.js';
import { transpose } from '../../tensor/layout.js';
import type { ImageValue } from '../../tensor/value.js';
import type { ItkGrid } from '../itk/itk-grid.js';
import { itkVolume } from './itk-volume.js';
import { readRawVoxels } from './raw-voxels.js';
import { parseNumbers, readTextHeader, volumeError } from './text-header.js';

const INTEGERS: Readonly<Record<string, readonly string[]>> = {
  int8: ['signed char', 'int8', 'int8_t'],
  uint8: ['uchar', 'unsigned char', 'uint8', 'uint8_t'],
  int16: ['short', 'short int', 'signed short', 'signed short int', 'int16', 'int16_t'],
  uint16: ['ushort', 'unsigned short', 'unsigned short int', 'uint16', 'uint16_t'],
  int32: ['int', 'signed int', 'int32', 'int32_t'],
  uint32: ['uint', 'unsigned int', 'uint32', 'uint32_t'],
  int64: ['longlong', 'long long', 'long long int', 'signed long long', 'signed long long int', 'int64', 'int64_t'],
  uint64: ['ulonglong', 'unsigned long long', 'unsigned long long int', 'uint64', 'uint64_t'],
};

/** The names that the format gives its types, and the dtype of each. */
const DTYPE_NAMES: ReadonlyMap<string, DType> = new Map([
  ...Object.entries(INTEGERS).flatMap(([dtype, names]) => names.map((name) => [name, dtype as DType] as const)),
  ['float', 'float32'],
  ['double', 'float64'],
]);

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
 * An NRRD file, raw or gzipped, its data inside or given as `dataBytes`, two to four axes, one of them, the first or the
 * last, of channels. World axes are LPS as ITK reads it. Throws IMAGE_FORMAT, IMAGE_COMPRESSION.
 */
export function readNrrd(bytes: Uint8Array, file: string, dataBytes?: Uint8Array): ImageValue {
  const elsewhere = (key: string): boolean => key === 'data file' || key === 'datafile';
  const { fields, end } = readTextHeader(bytes, {
    file,
    parting: ':',
    isLast: (key, value) => elsewhere(key) && /^list/i.test(value),
    skipLines: 1,
    endsWithFile: true,
  });
  const target = fields.get('data file') ?? fields.get('datafile');
  if (target !== undefined && (!dataBytes || /^list|%/i.test(target))) {
    throw volumeError(file, `the voxels are in '${target}', which was not given`, 'Write one .nrrd file instead.');
  }
  if (fields.has('axis mins') || fields.has('axismins')) {
    throw volumeError(file, 'the origin is told by axis mins', 'Write it with a space and a space origin.');
  }
  const dtype = DTYPE_NAMES.get(fields.get('type') ?? '');
  if (!dtype) throw volumeError(file, `the type is '${fields.get('type')}', which is not read here`);
  const encoding = fields.get('encoding');
  if (!['raw', 'gzip', 'gz'].includes(encoding ?? ''))
    throw volumeError(file, `the encoding is '${encoding}'; expected raw or gzip`);
  const rank = Number(fields.get('dimension'));
  if (!(rank >= 2 && rank <= 4))
    throw volumeError(file, `the dimension is '${fields.get('dimension')}'; expected 2, 3 or 4`);
  const stored = readRawVoxels({
    bytes: skipBytes(target === undefined ? bytes.subarray(end) : dataBytes!, fields, file),
    dtype,
    shape: parseNumbers(fields.get('sizes'), { count: rank, what: 'sizes', file }),
    bigEndian: fields.get('endian') === 'big',
    compressed: encoding !== 'raw',
    fromEnd: fields.get('byte skip') === '-1',
    file,
  });
  const directions = fields.get('space directions')?.match(/none|\([^)]*\)/g);
  const axis = channelAxis(fields, directions ?? undefined, rank);
  if (axis > 0 && axis < rank - 1) throw volumeError(file, `axis ${axis} holds channels; expected the first or last`);
  const channels = axis >= 0;
  const order = [axis, ...stored.shape.map((_, n) => n).filter((n) => n !== axis)];
  return itkVolume(channels ? transpose(stored, order) : stored, {
    grid: readGrid(fields, { rank, channels, file, directions: directions ?? undefined }),
    channels,
    format: 'nrrd',
  });
}

/** The axis that no direction belongs to, or that the kinds call a vector; -1 for none, and for a time axis. */
function channelAxis(
  fields: ReadonlyMap<string, string>,
  directions: readonly string[] | undefined,
  rank: number,
): number {
  const kinds = (fields.get('kinds') ?? '').split(/\s+/);
  const byKind = kinds.findIndex((kind) => /^(?:vector|list|RGBA?-color|\d+-(?:vector|color|normal))/.test(kind));
  if (byKind >= 0) return byKind;
  const none = directions?.indexOf('none') ?? -1;
  return none >= 0 && none < rank && !/^(?:time|space|domain)$/.test(kinds[none] ?? '') ? none : -1;
}

/** Leaves out the lines and bytes before the voxels that the header speaks of. */
function skipBytes(bytes: Uint8Array, fields: ReadonlyMap<string, string>, file: string): Uint8Array {
  const [lines, count] = ['line skip', 'byte skip'].map((key) => Number(fields.get(key) ?? 0)) as [number, number];
  if (!Number.isSafeInteger(lines) || !Number.isSafeInteger(count) || lines < 0 || count < -1) {
    throw volumeError(file, `'line skip' is ${lines} and 'byte skip' ${count}; expected counts`);
  }
  let from = 0;
  for (let n = 0; n < lines; n += 1) {
    const stop = bytes.indexOf(10, from);
    if (stop < 0) throw volumeError(file, `there are fewer than ${lines} lines to skip`);
    from = stop + 1;
  }
  if (count > 0 && fields.get('encoding') !== 'raw')
    throw volumeError(file, 'bytes are to be skipped inside compressed voxels');
  return bytes.subarray(from + Math.max(count, 0));
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
    parseNumbers(text?.replace(/[()]/g, ''), { count: 3, what, file }).map((value, n) => value * signs[n]! + 0);
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
