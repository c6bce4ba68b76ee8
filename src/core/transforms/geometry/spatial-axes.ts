import type { Geometry } from '../../tensor/value.js';

type Axes = Geometry['spatialAxes'];

/** The geometry after `count` axes were added in front (negative: taken away there). */
export function shiftSpatialAxes(geometry: Geometry | undefined, count: number): Geometry | undefined {
  return moveSpatialAxes(geometry, (axis) => axis + count);
}

/**
 * The geometry after the axes of the array went elsewhere: `place(old)` is the new axis, or -1 when the axis is gone;
 * then the voxels have no known place any more and the answer is undefined.
 */
export function moveSpatialAxes(geometry: Geometry | undefined, place: (axis: number) => number): Geometry | undefined {
  if (geometry === undefined) return undefined;
  const axes = geometry.spatialAxes.map(place);
  if (axes.some((axis) => axis < 0)) return undefined;
  return { ...geometry, spatialAxes: axes as unknown as Axes };
}
