import type { Fields } from '../../tensor/value.js';
import { regionGeometry, takeRegion } from '../region.js';
import { arrayValue, cannot, takeNumbers } from '../values.js';
import { perAxis, spatialAxesOf } from './spatial-lengths.js';

/** First voxel and length of the region that an axis becomes; before the first voxel and behind the last is padding. */
export interface AxisRegion {
  readonly start: number;
  readonly size: number;
}

interface Refit {
  readonly fields: readonly string[];
  readonly fill: number;
  /** The parameter that holds a number for each spatial axis or one for all, and its name. */
  readonly given: number | readonly number[];
  readonly name: string;
  readonly fit: (length: number, given: number) => AxisRegion;
}

/** Crops or pads the spatial axes of each field, each axis for itself; the geometry follows. */
export function refitSpatialAxes(fields: Fields, { fields: names, fill, given, name, fit }: Refit): void {
  for (const field of names) {
    const value = takeNumbers(fields, field);
    const { array, geometry } = value;
    const axes = spatialAxesOf(value);
    const wanted = perAxis(given, axes.length);
    if (wanted === undefined) throw cannot(field, `it has ${axes.length} spatial axes; ${name} has another length.`);
    const start = array.shape.map(() => 0);
    const size = [...array.shape];
    axes.forEach((axis, n) => {
      const region = fit(array.shape[axis]!, wanted[n]!);
      start[axis] = region.start;
      size[axis] = region.size;
    });
    fields.set(field, arrayValue(takeRegion(array, { start, size }, fill), regionGeometry(geometry, start)));
  }
}
