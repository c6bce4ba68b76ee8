import type { ArrayValue } from '../../tensor/value.js';

/**
 * The axes of an array that are spatial, in rising order: those of its geometry, or without one the last three (all of
 * them when there are fewer).
 */
export function spatialAxesOf({ array, geometry }: ArrayValue): number[] {
  if (geometry !== undefined) return [...geometry.spatialAxes].sort((a, b) => a - b);
  const rank = array.shape.length;
  const count = Math.min(rank, 3);
  return Array.from({ length: count }, (_, n) => rank - count + n);
}

/** One number for each spatial axis; a single number counts for all. Undefined when the counts differ. */
export function perAxis(given: number | readonly number[], count: number): readonly number[] | undefined {
  if (typeof given === 'number') return new Array<number>(count).fill(given);
  return given.length === count ? given : undefined;
}
