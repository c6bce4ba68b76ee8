import type { NdArray } from '../../tensor/ndarray.js';
import type { Geometry } from '../../tensor/value.js';
import { spatialShape } from './volumes.js';

/**
 * The geometry that a model's output takes over from the input it was computed from: its last three axes must be as long
 * as the spatial axes of the input, in the same order. Undefined when they are not.
 */
export function inheritGeometry(
  output: { readonly shape: readonly number[] },
  input: { readonly array: NdArray; readonly geometry: Geometry },
): Geometry | undefined {
  const { geometry, array } = input;
  const lead = output.shape.length - 3;
  if (lead < 0) return undefined;
  const rising = [...geometry.spatialAxes].sort((a, b) => a - b);
  const axes = geometry.spatialAxes.map((axis) => lead + rising.indexOf(axis)) as [number, number, number];
  const lengths = spatialShape(array, geometry.spatialAxes);
  return lengths.every((length, n) => length === output.shape[axes[n]!])
    ? { ...geometry, spatialAxes: axes }
    : undefined;
}
