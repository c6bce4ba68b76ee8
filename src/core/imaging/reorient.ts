import { flipAxis, transpose } from '../tensor/layout.js';
import type { NdArray } from '../tensor/ndarray.js';
import type { Affine } from '../tensor/value.js';
import { multiplyAffines } from './affine.js';
import { type AxisOrientation, axisOrientations } from './orientation.js';

/** An array with the grid its spatial axes lie on. */
export interface PlacedArray {
  readonly array: NdArray;
  readonly affine: Affine;
  readonly spatialAxes: readonly [number, number, number];
}

/**
 * Turns the spatial axes, by flips and a permutation only, so that they run as `target` says. A view: no voxel is
 * copied, every voxel keeps its place in the world. The other axes stay where they are.
 */
export function reorient(placed: PlacedArray, target: readonly AxisOrientation[]): PlacedArray {
  const current = axisOrientations(placed.affine);
  const sources = target.map(({ world }) => current.findIndex((axis) => axis.world === world));
  const flips = sources.map((source, n) => current[source]!.sign !== target[n]!.sign);
  if (sources.every((source, n) => source === n) && !flips.includes(true)) return placed;
  let { array } = placed;
  const order = array.shape.map((_, axis) => axis);
  const oldIndexOfNew = new Array<number>(16).fill(0);
  oldIndexOfNew[15] = 1;
  sources.forEach((source, n) => {
    const from = placed.spatialAxes[source]!;
    order[placed.spatialAxes[n]!] = from;
    if (flips[n]) array = flipAxis(array, from);
    oldIndexOfNew[source * 4 + n] = flips[n] ? -1 : 1;
    oldIndexOfNew[source * 4 + 3] = flips[n] ? array.shape[from]! - 1 : 0;
  });
  const affine = multiplyAffines(placed.affine, oldIndexOfNew);
  return { array: transpose(array, order), affine, spatialAxes: placed.spatialAxes };
}

/** The closest RAS+ orientation: nibabel's as_closest_canonical. */
export function toClosestCanonical(placed: PlacedArray): PlacedArray {
  return reorient(placed, [
    { world: 0, sign: 1 },
    { world: 1, sign: 1 },
    { world: 2, sign: 1 },
  ]);
}
