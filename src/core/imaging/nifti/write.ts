import { gzipSync } from 'node:zlib';
import { EisenError } from '../../errors/error.js';
import { castArray } from '../../tensor/cast.js';
import { copyInto } from '../../tensor/contiguous.js';
import { DTYPES } from '../../tensor/dtype.js';
import { expandDims, transpose } from '../../tensor/layout.js';
import { contiguousStrides, countElements, isContiguous, type NdArray } from '../../tensor/ndarray.js';
import type { Geometry } from '../../tensor/value.js';
import { codeOfDType } from './datatypes.js';
import { createHeader } from './write-header.js';

export interface NiftiRequest {
  /** Axes in any order; `geometry.spatialAxes` says which are x, y, z. Without geometry the first axes are. */
  readonly array: NdArray;
  readonly geometry?: Geometry;
  readonly scaling?: { readonly slope: number; readonly intercept: number };
  /** A label map: marked as such in the header and compressed harder. */
  readonly labels?: boolean;
  readonly compress?: boolean;
  /** Raw header extensions to carry over; left out unless given. */
  readonly extensions?: Uint8Array;
}

/** Levels measured on real volumes: label maps shrink well at 6; anything else is slow past 1 for 3 % less. */
const LEVEL_LABELS = 6;
const LEVEL_VALUES = 1;

/**
 * A NIfTI file as pieces to be written one after another; without compression the voxels are not copied when they lie
 * x fastest already. On the grid it came from, a value is written with the header it came with, so the affine reads back
 * bit-equal. The gzip form has no time stamp: equal volumes give equal bytes. Throws TENSOR_DTYPE or TENSOR_SHAPE for
 * what NIfTI cannot hold.
 */
export function encodeNifti(request: NiftiRequest): Uint8Array[] {
  const { geometry, labels = false, compress = false, scaling, extensions } = request;
  const array = putSpatialAxesFirst(storable(request.array), geometry);
  const placed = geometry && { ...geometry, spatialAxes: [0, 1, 2] as const };
  const header = createHeader({
    ...{ shape: array.shape, dtype: array.dtype, geometry: placed, scaling, labels, extensions },
  });
  const count = countElements(array.shape);
  if (!compress && isContiguous(array, 'F')) {
    const voxels = array.data.subarray(array.offset, array.offset + count);
    return [header, new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength)];
  }
  const { bytes, array: Kind } = DTYPES[array.dtype];
  const file = new Uint8Array(header.length + count * bytes);
  file.set(header);
  const data = new Kind(file.buffer, header.length, count);
  copyInto({ ...array, data, offset: 0, strides: contiguousStrides(array.shape, 'F') }, array);
  return [compress ? gzipSync(file, { level: labels ? LEVEL_LABELS : LEVEL_VALUES }) : file];
}

function storable(array: NdArray): NdArray {
  if (array.dtype === 'float16') return castArray(array, 'float32');
  if (codeOfDType(array.dtype) === undefined) {
    throw new EisenError('TENSOR_DTYPE', `NIfTI has no datatype for ${array.dtype}.`, { found: array.dtype });
  }
  return array;
}

function putSpatialAxesFirst(array: NdArray, geometry: Geometry | undefined): NdArray {
  const rank = array.shape.length;
  if (rank > 7 || rank === 0) {
    throw new EisenError('TENSOR_SHAPE', `[${array.shape.join(', ')}] has ${rank} axes; NIfTI holds 1 to 7.`, {
      expected: '1..7 axes',
      found: String(rank),
    });
  }
  const spatial = (geometry?.spatialAxes ?? [0, 1, 2]).filter((axis) => axis < rank);
  const others = array.shape.map((_, axis) => axis).filter((axis) => !spatial.includes(axis));
  let view = transpose(array, [...spatial, ...others]);
  // A plane with channels: the channels belong on the fourth axis.
  while (spatial.length < 3 && others.length > 0 && view.shape.length - others.length < 3) {
    view = expandDims(view, view.shape.length - others.length);
  }
  return view;
}
