import { DTYPES, type DType } from '../../tensor/dtype.js';
import type { Affine, Geometry } from '../../tensor/value.js';
import { codeOfDType } from './datatypes.js';
import { HEADER_BYTES, type HeaderView, toLittleEndian, type Version, viewHeader } from './fields.js';
import { qformOfAffine } from './quaternion.js';

/** Codes of the NIfTI standard that we write. */
const INTENT_LABEL = 1002;
const FORM_SCANNER = 1;
const FORM_ALIGNED = 2;
const UNITS_MM = 2;
const MAX_DIM_V1 = 32767;

export interface HeaderRequest {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** With spatial axes 0, 1, 2. */
  readonly geometry?: Geometry;
  readonly scaling?: { readonly slope: number; readonly intercept: number };
  readonly labels: boolean;
  /** Raw header extensions to carry over. */
  readonly extensions?: Uint8Array;
}

/** True when the grid is the one the value came from: its header's forms can stay as they were found. */
function isOriginalGrid(geometry: Geometry, shape: readonly number[]): boolean {
  const { original, affine } = geometry;
  return (
    [0, 1, 2].every((axis) => (shape[axis] ?? 1) === (original.shape[axis] ?? 1)) &&
    affine.every((value, n) => Object.is(value + 0, original.affine[n]! + 0))
  );
}

/**
 * Everything before the voxels: the original's header bytes (codes, units, description) with what changed patched in, or
 * a fresh header. Little-endian; one file. When the grid is not the original's, sform and qform both say the new affine.
 */
export function createHeader(request: HeaderRequest): Uint8Array {
  const { shape, geometry, extensions = new Uint8Array(0) } = request;
  const source = geometry?.original.headerBytes;
  const version = chooseVersion(shape, source);
  const dataOffset = Math.ceil((HEADER_BYTES[version] + 4 + extensions.length) / 16) * 16;
  const out = new Uint8Array(dataOffset);
  const reused = source !== undefined && versionOf(source) === version;
  if (reused) out.set(inLittleEndian(source, version));
  out.set(extensions, HEADER_BYTES[version] + 4);
  out[HEADER_BYTES[version]] = extensions.length > 0 ? 1 : 0;
  const view = viewHeader(out, version, true);
  patchShape(view, request, dataOffset);
  patchMagic(out, version);
  if (!reused) {
    view.set('pixdim', 1, 0);
    view.set('xyzt_units', geometry ? UNITS_MM : 0);
  }
  if (!geometry) return out;
  if (!reused || !isOriginalGrid(geometry, shape)) {
    writeForms(view, geometry.affine, geometry.original.source === 'dicom' ? FORM_SCANNER : FORM_ALIGNED);
  }
  return out;
}

function versionOf(header: Uint8Array): Version {
  return header.length >= HEADER_BYTES[2] ? 2 : 1;
}

function chooseVersion(shape: readonly number[], source: Uint8Array | undefined): Version {
  if (shape.some((length) => length > MAX_DIM_V1)) return 2;
  return source ? versionOf(source) : 1;
}

function inLittleEndian(source: Uint8Array, version: Version): Uint8Array {
  const rank = viewHeader(source, version, true).get('dim', 0);
  return rank >= 1 && rank <= 7 ? source : toLittleEndian(source, version);
}

function patchShape(view: HeaderView, request: HeaderRequest, dataOffset: number): void {
  const { shape, dtype, scaling, labels } = request;
  view.set('sizeof_hdr', HEADER_BYTES[view.version]);
  for (let n = 1; n < 8; n += 1) {
    view.set('dim', shape[n - 1] ?? 1, n);
    if (view.get('pixdim', n) === 0 || n > Math.max(shape.length, 3)) view.set('pixdim', 1, n);
  }
  view.set('dim', shape.length, 0);
  view.set('datatype', codeOfDType(dtype) ?? 0);
  view.set('bitpix', DTYPES[dtype].bytes * 8);
  view.set('vox_offset', dataOffset);
  view.set('scl_slope', scaling?.slope ?? 1);
  view.set('scl_inter', scaling?.intercept ?? 0);
  view.set('cal_min', 0);
  view.set('cal_max', 0);
  view.set('intent_code', labels ? INTENT_LABEL : 0);
  for (let n = 0; n < 3; n += 1) view.set('intent_p', 0, n);
  for (let n = 0; n < 16; n += 1) view.set('intent_name', 0, n);
}

function patchMagic(out: Uint8Array, version: Version): void {
  const magic = version === 1 ? 'n+1\0' : 'n+2\0\r\n\x1a\n';
  out.set(Buffer.from(magic, 'latin1'), version === 1 ? 344 : 4);
}

function writeForms(view: HeaderView, affine: Affine, code: number): void {
  view.set('sform_code', code);
  for (let n = 0; n < 12; n += 1) view.set('srow', affine[n]!, n);
  const { quaternion, handedness, sizes } = qformOfAffine(affine);
  view.set('qform_code', code);
  view.set('pixdim', handedness, 0);
  for (let n = 0; n < 3; n += 1) {
    view.set('pixdim', sizes[n]!, n + 1);
    view.set('quatern', quaternion[n]!, n);
    view.set('qoffset', affine[n * 4 + 3]!, n);
  }
}
