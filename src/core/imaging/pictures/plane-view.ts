import { selectIndex, transpose } from '../../tensor/layout.js';
import type { NdArray } from '../../tensor/ndarray.js';

/** One plane of a RAS+ volume as it is looked at: rows from the top, columns from the left. */
export interface PlaneView {
  readonly name: 'AXIAL' | 'CORONAL' | 'SAGITTAL';
  /** Letters at the left and right edge. */
  readonly sides: readonly [string, string];
  /** World axes: across the picture, up the picture, through it. */
  readonly axes: readonly [0 | 1 | 2, 0 | 1 | 2, 0 | 1 | 2];
}

/** Radiological convention: the patient's right is on the left of the picture, the front and the head are up. */
export const PLANE_VIEWS: readonly PlaneView[] = [
  { name: 'AXIAL', sides: ['R', 'L'], axes: [0, 1, 2] },
  { name: 'CORONAL', sides: ['R', 'L'], axes: [0, 2, 1] },
  { name: 'SAGITTAL', sides: ['A', 'P'], axes: [1, 2, 0] },
];

/** A plane to look up values in. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  at(column: number, row: number): number;
}

/**
 * The plane of a RAS+ volume at `index` along its through axis, turned as it is looked at: columns run against R or A,
 * rows against A or S.
 */
export function takePlane(volume: NdArray, view: PlaneView, index: number): Plane {
  const [across, up, through] = view.axes;
  const slice = selectIndex(transpose(volume, [across, up, through]), 2, index);
  const [width, height] = slice.shape as [number, number];
  const [stepX, stepY] = slice.strides as [number, number];
  const origin = slice.offset + (width - 1) * stepX + (height - 1) * stepY;
  return { width, height, at: (column, row) => Number(slice.data[origin - column * stepX - row * stepY]) };
}
