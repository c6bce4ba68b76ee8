import { EisenError } from '../../errors/error.js';
import { castArray } from '../../tensor/cast.js';
import { toContiguous } from '../../tensor/contiguous.js';
import { transpose } from '../../tensor/layout.js';
import type { NdArray } from '../../tensor/ndarray.js';
import type { ImageValue } from '../../tensor/value.js';
import { type HeaderView, type Version, viewHeader } from '../nifti/fields.js';
import { readVoxelSizes } from '../nifti/form-affine.js';
import { type ItkGrid, isOrthonormal, itkGridOf, itkGridOfAffine } from './itk-grid.js';

const SCANNER_ANATOMY = 1;
/** How far two forms may be apart to be taken for the same, in millimetres and in direction cosines. */
const SAME_SLACK = 1e-4;

/**
 * An image as SimpleITK would hold it after Eisen's LoadITKFromFilename: float32, axes reversed to (…, z, y, x). A NIfTI
 * file goes by ITK's own choice between sform and qform, which is not nibabel's; `extra.itk` holds that grid, while
 * `geometry` still says where the voxels lie by the file. Throws GEOMETRY for a sheared sform without a qform.
 */
export function toItkImage(image: ImageValue): ImageValue {
  const grid = image.form === 'nifti' ? itkGridOfNifti(image) : itkGridOf(image);
  const finite = image.form === 'nifti' ? zeroNonFinite(image.array) : image.array;
  const array = image.form === 'itk' ? image.array : transpose(finite);
  const rank = array.shape.length;
  const geometry = image.geometry && {
    ...image.geometry,
    spatialAxes: (image.form === 'itk'
      ? image.geometry.spatialAxes
      : image.geometry.spatialAxes.map((axis) => rank - 1 - axis)) as [number, number, number],
  };
  return {
    kind: 'image',
    form: 'itk',
    array: image.scaling ? scale(array, image.scaling) : castArray(array, 'float32'),
    geometry,
    extra: { ...image.extra, itk: grid },
  };
}

/** The NIfTI C library that ITK reads by puts 0 where a float is no finite number. */
function zeroNonFinite(array: NdArray): NdArray {
  if (array.dtype !== 'float32' && array.dtype !== 'float64') return array;
  const source = array.data as Float64Array;
  if (source.every(Number.isFinite)) return array;
  const data = source.slice();
  for (let n = 0; n < data.length; n += 1) if (!Number.isFinite(data[n])) data[n] = 0;
  return { ...array, data };
}

/** ITK goes through float32 before it scales, except for float64, and rounds once more after. */
function scale(array: NdArray, { slope, intercept }: { slope: number; intercept: number }): NdArray {
  const wide = array.dtype === 'float64' ? toContiguous(array) : castArray(array, 'float32');
  const data = new Float32Array(wide.data.length);
  const stored = wide.data as Float32Array;
  for (let n = 0; n < data.length; n += 1) data[n] = stored[n]! * slope + intercept;
  return { ...wide, dtype: 'float32', data };
}

function itkGridOfNifti(image: ImageValue): ItkGrid {
  const bytes = image.geometry?.original.headerBytes;
  if (!bytes) return itkGridOf(image);
  const version: Version = bytes.length === 348 ? 1 : 2;
  const rank = viewHeader(bytes, version, true).get('dim', 0);
  const view = viewHeader(bytes, version, rank >= 1 && rank <= 7);
  const [sform, qform] = [view.get('sform_code'), view.get('qform_code')];
  const spacing = readVoxelSizes(view);
  if (sform > 0) {
    const rows = Array.from({ length: 12 }, (_, n) => Math.fround(view.get('srow', n)));
    const prefersSform = qform <= 0 || sform === SCANNER_ANATOMY || isSameGrid(rows, singleQform(view, spacing));
    const grid = prefersSform && orthonormalGrid(rows, spacing);
    if (grid) return grid;
  }
  if (qform > 0) return itkGridOfAffine(singleQform(view, spacing), spacing);
  if (sform > 0) {
    throw new EisenError(
      'GEOMETRY',
      'the sform is sheared and there is no qform; an ITK image needs perpendicular axes.',
      {
        hint: 'Use LoadImage, which keeps shears.',
      },
    );
  }
  return { spacing, origin: [0, 0, 0], direction: [1, 0, 0, 0, 1, 0, 0, 0, 1] };
}

function orthonormalGrid(affine: readonly number[], spacing: readonly number[]): ItkGrid | null {
  const columns = [0, 1, 2].map((column) => Math.hypot(affine[column]!, affine[column + 4]!, affine[column + 8]!));
  const direction = [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => affine[row * 4 + column]! / columns[column]!));
  return isOrthonormal(direction) ? itkGridOfAffine(affine, spacing) : null;
}

/**
 * ITK takes the sform of two alike, which holds the directions with less rounding. It compares singular values and left
 * singular vectors in single precision, which do not see that an axis exactly along the world's of its own place runs the
 * other way. Elsewhere the signs of these vectors, and with equal voxel sizes their directions, hang on the last bit, so
 * that ITK takes one form or the other; here voxel sizes and directions are compared.
 */
function isSameGrid(a: readonly number[], b: readonly number[]): boolean {
  const near = (x: number, y: number): boolean => Math.abs(x - y) <= SAME_SLACK;
  const isNear = (n: number): boolean => {
    const [columnA, columnB] = [a, b].map((rows) => [rows[n]!, rows[n + 4]!, rows[n + 8]!]) as [number[], number[]];
    const [lengthA, lengthB] = [Math.hypot(...columnA), Math.hypot(...columnB)];
    const inPlace = Math.abs(columnA[n]!) === lengthA && Math.abs(columnB[n]!) === lengthB;
    const sign = inPlace ? Math.sign(columnA[n]! * columnB[n]!) : 1;
    return (
      near(a[n * 4 + 3]!, b[n * 4 + 3]!) &&
      near(lengthA, lengthB) &&
      columnA.every((x, row) => near(x / lengthA, (sign * columnB[row]!) / lengthB))
    );
  };
  return [0, 1, 2].every(isNear);
}

/** The qform as the NIfTI C library gives it to ITK: computed in double, kept in single precision. */
function singleQform(view: HeaderView, spacing: readonly number[]): number[] {
  let [b, c, d] = [view.get('quatern', 0), view.get('quatern', 1), view.get('quatern', 2)];
  let a = 1 - (b * b + c * c + d * d);
  if (a < 1e-7) {
    const length = 1 / Math.sqrt(b * b + c * c + d * d);
    [a, b, c, d] = [0, b * length, c * length, d * length];
  } else a = Math.sqrt(a);
  const [x, y] = spacing as [number, number, number];
  const z = view.get('pixdim', 0) < 0 ? -spacing[2]! : spacing[2]!;
  const at = (axis: number): number => view.get('qoffset', axis);
  return [
    ...[(a * a + b * b - c * c - d * d) * x, 2 * (b * c - a * d) * y, 2 * (b * d + a * c) * z, at(0)],
    ...[2 * (b * c + a * d) * x, (a * a + c * c - b * b - d * d) * y, 2 * (c * d - a * b) * z, at(1)],
    ...[2 * (b * d - a * c) * x, 2 * (c * d + a * b) * y, (a * a + d * d - c * c - b * b) * z, at(2)],
  ].map(Math.fround);
}
