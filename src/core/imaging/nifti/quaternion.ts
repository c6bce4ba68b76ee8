import type { Affine } from '../../tensor/value.js';
import { determinant, voxelSizes } from '../affine.js';
import { nearestRotation, unitColumns } from '../orientation.js';

/** What a qform stores of an affine: shears are lost, by the standard. */
export interface Qform {
  /** b, c, d of the unit quaternion with positive real part. */
  readonly quaternion: readonly [number, number, number];
  /** pixdim[0]: −1 when the voxel axes are left-handed. */
  readonly handedness: 1 | -1;
  readonly sizes: readonly [number, number, number];
}

/** The qform nearest to an affine: the rotation of its polar decomposition. Throws GEOMETRY for a flat affine. */
export function qformOfAffine(affine: Affine): Qform {
  const handedness = determinant(affine) < 0 ? -1 : 1;
  const columns = unitColumns(affine).map((value, n) => (n % 3 === 2 ? value * handedness : value));
  return { quaternion: imaginaryParts(nearestRotation(columns)), handedness, sizes: voxelSizes(affine) };
}

/** Shepperd's method: divide by the largest of the four components, so that no precision is lost. */
function imaginaryParts(r: readonly number[]): [number, number, number] {
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = r as number[];
  const squares = [xx! + yy! + zz!, xx! - yy! - zz!, yy! - xx! - zz!, zz! - xx! - yy!];
  const largest = squares.indexOf(Math.max(...squares));
  const twice = Math.sqrt(1 + squares[largest]!);
  const half = 0.5 / twice;
  const parts = [
    [twice / 2, (zy! - yz!) * half, (xz! - zx!) * half, (yx! - xy!) * half],
    [(zy! - yz!) * half, twice / 2, (xy! + yx!) * half, (xz! + zx!) * half],
    [(xz! - zx!) * half, (xy! + yx!) * half, twice / 2, (yz! + zy!) * half],
    [(yx! - xy!) * half, (xz! + zx!) * half, (yz! + zy!) * half, twice / 2],
  ][largest]!;
  const sign = parts[0]! < 0 ? -1 : 1;
  return [sign * parts[1]!, sign * parts[2]!, sign * parts[3]!];
}
