import { DTYPES, type DType } from '../../tensor/dtype.js';
import { countElements } from '../../tensor/ndarray.js';
import { DTYPE_OF_CODE, REFUSED_CODES } from './datatypes.js';
import { HEADER_BYTES, type HeaderView, type Version, viewHeader } from './fields.js';
import { niftiError } from './nifti-error.js';

/** What a NIfTI header says, checked; nothing here needs the voxels. */
export interface NiftiHeader {
  readonly version: Version;
  readonly littleEndian: boolean;
  /** True for `n+1`/`n+2`: header and voxels in one file. */
  readonly single: boolean;
  readonly view: HeaderView;
  /** The 348 or 540 header bytes, as found. */
  readonly bytes: Uint8Array;
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Where the voxels begin in their file. */
  readonly dataOffset: number;
  readonly dataBytes: number;
  readonly scaling?: { readonly slope: number; readonly intercept: number };
  /** Small faults that nibabel repairs too, in words. */
  readonly repairs: readonly string[];
}

const MAX_DIM: Record<Version, number> = { 1: 32767, 2: 2 ** 31 - 1 };

/** Parses the header at the start of `bytes`; throws NIFTI_INVALID naming the field. */
export function parseNiftiHeader(bytes: Uint8Array, file: string): NiftiHeader {
  const { version, lostLineEnds } = detectVersion(bytes, file);
  if (bytes.length < HEADER_BYTES[version]) throw tooShort(bytes.length, HEADER_BYTES[version], file);
  const littleEndian = detectByteOrder(bytes, version);
  const view = viewHeader(bytes, version, littleEndian);
  const repairs: string[] = lostLineEnds ? ['the four line end bytes of magic are 0'] : [];
  if (view.get('sizeof_hdr') !== HEADER_BYTES[version]) {
    repairs.push(`sizeof_hdr is ${view.get('sizeof_hdr')} instead of ${HEADER_BYTES[version]}`);
  }
  const shape = readShape(view, file);
  const dtype = readDType(view, file);
  const single = bytes[version === 1 ? 345 : 5] === 0x2b;
  checkPixdim(view, { file, repairs });
  const dataBytes = countElements(shape, `${file}: dim`) * DTYPES[dtype].bytes;
  return {
    ...{ version, littleEndian, single, view, shape, dtype, dataBytes, repairs },
    bytes: bytes.slice(0, HEADER_BYTES[version]),
    dataOffset: readDataOffset(view, { file, single }),
    scaling: readScaling(view, file),
  };
}

function tooShort(found: number, needed: number, file: string): Error {
  return niftiError({
    ...{ file, field: 'the header', found: `${found} bytes long`, expected: `at least ${needed} bytes` },
    hint: 'The file is cut off.',
  });
}

function detectVersion(bytes: Uint8Array, file: string): { version: Version; lostLineEnds?: boolean } {
  if (bytes.length < HEADER_BYTES[1]) throw tooShort(bytes.length, HEADER_BYTES[1], file);
  const text = (at: number, length: number): string => Buffer.from(bytes.subarray(at, at + length)).toString('latin1');
  if (text(344, 4) === 'n+1\0' || text(344, 4) === 'ni1\0') return { version: 1 };
  if (text(4, 4) === 'n+2\0' || text(4, 4) === 'ni2\0') {
    if (text(8, 4) === '\r\n\x1a\n') return { version: 2 };
    if (text(8, 4) === '\0\0\0\0') return { version: 2, lostLineEnds: true };
    throw niftiError({
      ...{ file, field: 'magic', offset: 8, found: JSON.stringify(text(8, 4)), expected: '"\\r\\n\\u001a\\n"' },
      hint: 'The file went through a text-mode transfer that changed its line ends.',
    });
  }
  throw niftiError({
    ...{ file, field: 'magic', offset: 344, found: JSON.stringify(text(344, 4)), expected: '"n+1\\0" or "ni1\\0"' },
    hint: 'This is no NIfTI file, or its header is damaged.',
  });
}

/** The order in which dim[0] is a plausible rank; nibabel decides the same way. */
function detectByteOrder(bytes: Uint8Array, version: Version): boolean {
  const little = viewHeader(bytes, version, true).get('dim', 0);
  if (little === 0) return viewHeader(bytes, version, true).get('sizeof_hdr') === HEADER_BYTES[version];
  const big = viewHeader(bytes, version, false).get('dim', 0);
  return (little >= 1 && little <= 7) || !(big >= 1 && big <= 7);
}

function readShape(view: HeaderView, file: string): number[] {
  const refuse = (index: number, expected: string): Error =>
    niftiError({
      ...{ file, field: `dim[${index}]`, offset: view.offsetOf('dim', index), found: view.get('dim', index), expected },
    });
  const rank = view.get('dim', 0);
  if (!(rank >= 1 && rank <= 7)) throw refuse(0, '1..7');
  const most = MAX_DIM[view.version];
  return Array.from({ length: rank }, (_, n) => {
    const length = view.get('dim', n + 1);
    if (!(length >= 1 && length <= most)) throw refuse(n + 1, `1..${most}`);
    return length;
  });
}

function readDType(view: HeaderView, file: string): DType {
  const code = view.get('datatype');
  const dtype = DTYPE_OF_CODE.get(code);
  if (dtype === undefined) {
    const name = REFUSED_CODES.get(code);
    throw niftiError({
      ...{ file, field: 'datatype', offset: view.offsetOf('datatype') },
      found: name ? `${code} (${name})` : code,
      expected: `one of ${[...DTYPE_OF_CODE].map(([known, type]) => `${known} (${type})`).join(', ')}`,
      hint: name ? 'Convert the volume to a plain numeric type first.' : undefined,
    });
  }
  const bits = DTYPES[dtype].bytes * 8;
  if (view.get('bitpix') !== bits) {
    throw niftiError({
      ...{ file, field: 'bitpix', offset: view.offsetOf('bitpix'), found: view.get('bitpix') },
      expected: `${bits} for datatype ${code} (${dtype})`,
    });
  }
  return dtype;
}

/** A voxel size must be a length. The other numbers of pixdim place no voxel: what is wrong with them is told. */
function checkPixdim(view: HeaderView, { file, repairs }: { file: string; repairs: string[] }): void {
  for (let n = 1; n < 8; n += 1) {
    const size = view.get('pixdim', n);
    if (!Number.isFinite(size)) {
      if (n > 3) {
        if (n <= view.get('dim', 0)) repairs.push(`pixdim[${n}] is ${size}`);
        continue;
      }
      throw niftiError({
        ...{
          file,
          field: `pixdim[${n}]`,
          offset: view.offsetOf('pixdim', n),
          found: size,
          expected: 'a finite length',
        },
      });
    }
    if (n <= 3 && size < 0) repairs.push(`pixdim[${n}] is ${size}; its size was taken`);
    if (n <= 3 && size === 0) repairs.push(`pixdim[${n}] is 0; 1 was taken`);
  }
  const handedness = view.get('pixdim', 0);
  if (handedness !== 1 && handedness !== -1) repairs.push(`pixdim[0] is ${handedness}; 1 was taken`);
}

function readDataOffset(view: HeaderView, { file, single }: { file: string; single: boolean }): number {
  const least = single ? HEADER_BYTES[view.version] + 4 : 0;
  const offset = view.get('vox_offset');
  if (offset === 0) return least;
  if (Number.isSafeInteger(offset) && offset >= least) return offset;
  throw niftiError({
    ...{ file, field: 'vox_offset', offset: view.offsetOf('vox_offset'), found: offset },
    expected: `a whole number from ${least}`,
  });
}

/** A slope that is 0 or not finite means no scaling, as in nibabel; a lost intercept beside a good one is damage. */
function readScaling(view: HeaderView, file: string): NiftiHeader['scaling'] {
  const slope = view.get('scl_slope');
  const intercept = view.get('scl_inter');
  if (slope === 0 || !Number.isFinite(slope)) return undefined;
  if (!Number.isFinite(intercept)) {
    throw niftiError({
      ...{
        file,
        field: 'scl_inter',
        offset: view.offsetOf('scl_inter'),
        found: intercept,
        expected: 'a finite number',
      },
    });
  }
  return slope === 1 && intercept === 0 ? undefined : { slope, intercept };
}
