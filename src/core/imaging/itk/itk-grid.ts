import { EisenError } from '../../errors/error.js';
import type { Affine, ImageValue } from '../../tensor/value.js';

/** A grid as ITK keeps it, in LPS+ millimetres: `point = origin + direction · (spacing × index)`. */
export interface ItkGrid {
  readonly spacing: readonly number[];
  readonly origin: readonly number[];
  /** Row-major; its columns are the unit directions of the voxel axes. */
  readonly direction: readonly number[];
}

/** Off by this, direction cosines are no rotation for ITK. */
const ORTHONORMAL_SLACK = 1e-4;

/** True when the columns are perpendicular and of length 1 within ITK's tolerance. */
export function isOrthonormal(direction: readonly number[]): boolean {
  for (let a = 0; a < 3; a += 1) {
    for (let b = a; b < 3; b += 1) {
      const product = [0, 3, 6].reduce((sum, row) => sum + direction[row + a]! * direction[row + b]!, 0);
      if (!(Math.abs(product - (a === b ? 1 : 0)) < ORTHONORMAL_SLACK)) return false;
    }
  }
  return true;
}

/** The ITK grid of a RAS+ affine. Throws GEOMETRY for a sheared one, which ITK cannot hold. */
export function itkGridOfAffine(affine: Affine, spacing?: readonly number[]): ItkGrid {
  const flips = [-1, -1, 1];
  const lps = [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => affine[row * 4 + column]! * flips[row]!));
  const lengths = [0, 1, 2].map((column) =>
    Math.sqrt(lps[column]! ** 2 + lps[column + 3]! ** 2 + lps[column + 6]! ** 2),
  );
  const direction = lps.map((value, n) => value / lengths[n % 3]!);
  if (!isOrthonormal(direction)) {
    throw new EisenError('GEOMETRY', 'the voxel axes are not perpendicular; an ITK image needs perpendicular axes.', {
      expected: 'an affine without shear',
      hint: 'Use the NIfTI transforms (LoadImage, Spacing), which keep shears.',
    });
  }
  return { spacing: spacing ?? lengths, origin: flips.map((flip, row) => affine[row * 4 + 3]! * flip), direction };
}

/** The RAS+ affine of an ITK grid. */
export function affineOfItkGrid({ spacing, origin, direction }: ItkGrid): number[] {
  const flips = [-1, -1, 1];
  const rows = [0, 1, 2].flatMap((row) => [
    ...[0, 1, 2].map((column) => flips[row]! * direction[row * 3 + column]! * spacing[column]!),
    flips[row]! * origin[row]!,
  ]);
  return [...rows, 0, 0, 0, 1].map((value) => value + 0);
}

/** The ITK grid that an image of form `itk` carries. Throws GEOMETRY when it has none. */
export function itkGridOf(image: ImageValue): ItkGrid {
  const grid = image.extra?.itk as ItkGrid | undefined;
  if (grid) return grid;
  if (image.geometry) return itkGridOfAffine(image.geometry.affine);
  throw new EisenError('GEOMETRY', 'the image has no grid in millimetres.');
}
