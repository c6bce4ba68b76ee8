import { transpose } from '../tensor/layout.js';
import type { NdArray } from '../tensor/ndarray.js';
import type { ArrayValue, Geometry } from '../tensor/value.js';
import { moveSpatialAxes } from './geometry/spatial-axes.js';
import { arrayValue } from './values.js';

/** The last axis moved to the front, and the geometry with it. */
export function lastAxisFirst(array: NdArray, geometry: Geometry | undefined): ArrayValue {
  const last = array.shape.length - 1;
  if (last < 1) return arrayValue(array, geometry);
  const order = [last, ...array.shape.keys()].slice(0, last + 1);
  return arrayValue(
    transpose(array, order),
    moveSpatialAxes(geometry, (axis) => (axis === last ? 0 : axis + 1)),
  );
}
