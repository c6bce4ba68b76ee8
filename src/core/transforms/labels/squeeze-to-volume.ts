import { transpose } from '../../tensor/layout.js';
import type { ArrayValue } from '../../tensor/value.js';
import { spatialAxesOf } from '../geometry/spatial-lengths.js';
import { otherAxes } from '../geometry/volumes.js';
import { arrayValue, cannot } from '../values.js';

/** The one volume of a value with its axes in the order i, j, k; further axes must have length 1. Planes get a third axis. */
export function squeezeToVolume(value: ArrayValue, field: string): ArrayValue {
  const { array, geometry } = value;
  const axes: readonly number[] = geometry?.spatialAxes ?? spatialAxesOf(value);
  const others = otherAxes(array.shape.length, axes);
  if (others.some((axis) => array.shape[axis] !== 1))
    throw cannot(field, `shape [${array.shape.join(', ')}] is more than one volume.`);
  const front = transpose(array, [...axes, ...others]);
  const shape = [...front.shape, 1, 1].slice(0, 3);
  const strides = [...front.strides, 0, 0].slice(0, 3);
  return arrayValue({ ...front, shape, strides }, geometry && { ...geometry, spatialAxes: [0, 1, 2] });
}
