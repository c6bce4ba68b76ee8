import type { Affine } from '../../tensor/value.js';
import { add, divide, type Extended, fromExtended, multiply, squareRoot, subtract, toExtended } from '../extended.js';
import type { FieldName, HeaderView } from './fields.js';
import { niftiError } from './nifti-error.js';

/** Below this, what is left for the real part of a stored quaternion is rounding: three epsilons of its stored precision. */
const QUATERNION_SLACK = { 1: 3 * 2 ** -23, 2: 3 * 2 ** -52 } as const;
const ONE = toExtended(1);
const TWO = toExtended(2);

/** Where a header's affine came from. */
export type AffineSource = 'sform' | 'qform' | 'pixdim';

/** Voxel sizes as nibabel repairs them: the absolute value, 1 for 0. */
export function readVoxelSizes(view: HeaderView): [number, number, number] {
  const size = (n: number): number => Math.abs(view.get('pixdim', n)) || 1;
  return [size(1), size(2), size(3)];
}

/**
 * The affine of a header, RAS+ in the header's units: sform if it has a code, else qform if it has one, else the
 * Analyze convention (x runs to the left, the centre of the volume is the origin). Throws NIFTI_INVALID when the
 * chosen form holds numbers that are not finite or a quaternion longer than 1.
 */
export function readAffine(
  view: HeaderView,
  shape: readonly number[],
  file: string,
): { affine: Affine; source: AffineSource } {
  if (namesSpace(view.get('sform_code'))) {
    const rows = Array.from({ length: 12 }, (_, n) => readFinite(view, { name: 'srow', index: n, file }));
    return { affine: [...rows, 0, 0, 0, 1], source: 'sform' };
  }
  const sizes = readVoxelSizes(view);
  if (namesSpace(view.get('qform_code'))) return { affine: readQform(view, sizes, file), source: 'qform' };
  const [x, y, z] = sizes.map((size, axis) => (axis < shape.length ? size : 1));
  const origin = [x!, -y!, -z!].map((size, axis) => ((shape[axis] ?? 1) - 1) * 0.5 * size);
  return {
    affine: [-x!, 0, 0, origin[0]!, 0, y!, 0, origin[1]!, 0, 0, z!, origin[2]!, 0, 0, 0, 1],
    source: 'pixdim',
  };
}

function readFinite(view: HeaderView, field: { name: FieldName; index: number; file: string }): number {
  const { name, index, file } = field;
  const value = view.get(name, index);
  if (Number.isFinite(value)) return value;
  throw niftiError({
    ...{
      file,
      field: `${name}[${index}]`,
      offset: view.offsetOf(name, index),
      found: value,
      expected: 'a finite number',
    },
  });
}

function readQform(view: HeaderView, sizes: readonly number[], file: string): Affine {
  const [b, c, d] = [0, 1, 2].map((index) => toExtended(readFinite(view, { name: 'quatern', index, file })));
  const origin = [0, 1, 2].map((index) => readFinite(view, { name: 'qoffset', index, file }));
  const rest = subtract(ONE, add(add(multiply(b!, b!), multiply(c!, c!)), multiply(d!, d!)));
  const left = fromExtended(rest);
  const slack = QUATERNION_SLACK[view.version];
  if (left <= -slack) {
    throw niftiError({
      ...{ file, field: 'quatern_b, c, d', offset: view.offsetOf('quatern'), found: `of squared length ${1 - left}` },
      expected: 'a squared length of at most 1',
    });
  }
  const w = Math.abs(left) < slack ? toExtended(0) : squareRoot(rest);
  const rotation = rotationOfQuaternion([w, b!, c!, d!]);
  const handedness = view.get('pixdim', 0) === -1 ? -1 : 1;
  const scales = [sizes[0]!, sizes[1]!, sizes[2]! * handedness].map(toExtended);
  const rows = [0, 1, 2].map((row) =>
    [0, 1, 2].map((column) => fromExtended(multiply(rotation[row * 3 + column]!, scales[column]!)) + 0),
  );
  return [...rows[0]!, origin[0]!, ...rows[1]!, origin[1]!, ...rows[2]!, origin[2]!, 0, 0, 0, 1];
}

/** Row-major 3×3 of a quaternion that may be a little off unit length. */
function rotationOfQuaternion([w, x, y, z]: readonly [Extended, Extended, Extended, Extended]): Extended[] {
  const norm = [multiply(x, x), multiply(y, y), multiply(z, z)].reduce(add, multiply(w, w));
  const s = divide(TWO, norm);
  const [X, Y, Z] = [multiply(x, s), multiply(y, s), multiply(z, s)];
  const [wX, wY, wZ] = [multiply(w, X), multiply(w, Y), multiply(w, Z)];
  const [xX, xY, xZ] = [multiply(x, X), multiply(x, Y), multiply(x, Z)];
  const [yY, yZ, zZ] = [multiply(y, Y), multiply(y, Z), multiply(z, Z)];
  return [
    ...[subtract(ONE, add(yY, zZ)), subtract(xY, wZ), add(xZ, wY)],
    ...[add(xY, wZ), subtract(ONE, add(xX, zZ)), subtract(yZ, wX)],
    ...[subtract(xZ, wY), add(yZ, wX), subtract(ONE, add(xX, yY))],
  ];
}

/** Codes 1 to 5 name a space; nibabel takes every other one for 0, and so the form does not count. */
function namesSpace(code: number): boolean {
  return code >= 1 && code <= 5;
}
