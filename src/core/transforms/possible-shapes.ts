/** One axis: its length, 'spatial' for one along which voxels lie (many of them), null when nothing is known. */
export type PossibleAxis = number | 'spatial' | null;
export type PossibleShape = readonly PossibleAxis[];

/** The shapes that a field may have before there is data; the first is the likeliest. */
export interface PossibleShapes {
  readonly shapes: readonly PossibleShape[];
  /** True when it may have yet another one: nothing can then be said for certain. */
  readonly isOpen: boolean;
}

/** A volume, alone or as a series, or a picture, grey or coloured: what a file gives. An .npy may have yet another shape. */
export const IMAGE_SHAPES: PossibleShapes = {
  shapes: [
    ...[0, 1, 2].map((more) => ['spatial', 'spatial', 'spatial', ...new Array<null>(more).fill(null)] as const),
    ['spatial', 'spatial'],
    ['spatial', 'spatial', null],
  ],
  isOpen: true,
};

/** Axis lengths as a graph or a metadata dictionary gives them, -1 where free. */
export const declaredShape = (shape: readonly number[]): PossibleShape => shape.map((axis) => (axis < 0 ? null : axis));

/** Whether an array of this shape can be fed where `wanted` is declared. Voxels along an axis are more than one. */
export function fitsShape(shape: PossibleShape, wanted: readonly number[]): boolean {
  if (shape.length !== wanted.length) return false;
  return wanted.every((length, n) => {
    const axis = shape[n]!;
    if (length < 0 || axis === null) return true;
    return axis === 'spatial' ? length > 1 : axis === length;
  });
}

/** `[1, voxels, voxels, ?]`. */
export function renderShape(shape: PossibleShape): string {
  return `[${shape.map((axis) => (axis === 'spatial' ? 'voxels' : (axis ?? '?'))).join(', ')}]`;
}
