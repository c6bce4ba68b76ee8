import { toContiguous } from '../../tensor/contiguous.js';
import type { NdArray } from '../../tensor/ndarray.js';
import { defineTransform } from '../definition.js';
import { fieldParam, fieldsParam, integerParam, numberParam, optionalParam } from '../param.js';
import { type Region, regionGeometry, takeRegion } from '../region.js';
import { numbersOf } from '../rounding.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, cannot, takeNumbers } from '../values.js';
import { spatialAxesOf } from './spatial-lengths.js';

/** First and last index along every axis of an element above the threshold; undefined when there is none. */
function findForeground(array: NdArray, threshold: number): { first: number[]; last: number[] } | undefined {
  const { data } = numbersOf(toContiguous(array));
  const rank = array.shape.length;
  const first = new Array<number>(rank).fill(Number.POSITIVE_INFINITY);
  const last = new Array<number>(rank).fill(-1);
  const row = array.shape.at(-1) ?? 1;
  for (let start = 0; start < data.length; start += row) {
    let low = 0;
    while (low < row && !(data[start + low]! > threshold)) low += 1;
    if (low === row) continue;
    let high = row - 1;
    while (!(data[start + high]! > threshold)) high -= 1;
    let rest = start / row;
    for (let axis = rank - 1; axis >= 0; axis -= 1) {
      const length = array.shape[axis]!;
      const at = axis === rank - 1 ? low : rest % length;
      if (axis < rank - 1) rest = Math.floor(rest / length);
      if (at < first[axis]!) first[axis] = at;
      const end = axis === rank - 1 ? high : at;
      if (end > last[axis]!) last[axis] = end;
    }
  }
  return last[0] === undefined || last[0] < 0 ? undefined : { first, last };
}

export const cropForeground = defineTransform({
  name: 'CropForeground',
  group: 'geometry',
  summary: 'Crops the spatial axes to the box of the voxels above a threshold.',
  notes: 'With channels the box holds the foreground of all of them. An image without foreground stays as it is.',
  params: {
    fields: fieldsParam('arrays or images to crop'),
    source: optionalParam(fieldParam('the field whose foreground counts for all; null: each its own')),
    threshold: numberParam('foreground is above this', { default: 0 }),
    margin: integerParam('voxels kept around the box, cut at the border of the array', { default: 0, min: 0 }),
  },
  example: { fields: ['image'], margin: 4 },
  trace: (ledger, params) => {
    if (params.source !== null) ledger.read(params.source, ['array', 'image']);
    traceNumbers(ledger, params);
  },
  apply: (fields, params) => {
    const regionOf = (field: string): { region: Region; axes: number[]; shape: readonly number[] } | undefined => {
      const value = takeNumbers(fields, field);
      const box = findForeground(value.array, params.threshold);
      if (box === undefined) return undefined;
      const axes = spatialAxesOf(value);
      const { shape } = value.array;
      const start = axes.map((axis) => Math.max(box.first[axis]! - params.margin, 0));
      const stop = axes.map((axis) => Math.min(box.last[axis]! + 1 + params.margin, shape[axis]!));
      return { region: { start, size: stop.map((end, n) => end - start[n]!) }, axes, shape };
    };
    const shared = params.source === null ? undefined : regionOf(params.source);
    for (const field of params.fields) {
      const found = params.source === null ? regionOf(field) : shared;
      const value = takeNumbers(fields, field);
      fields.set(field, value);
      if (found === undefined) continue;
      const { array, geometry } = value;
      const axes = spatialAxesOf(value);
      if (axes.some((axis, n) => array.shape[axis] !== found.shape[found.axes[n]!]))
        throw cannot(field, `shape [${array.shape.join(', ')}] is not that of '${params.source}'.`);
      const start = array.shape.map(() => 0);
      const size = [...array.shape];
      axes.forEach((axis, n) => {
        start[axis] = found.region.start[n]!;
        size[axis] = found.region.size[n]!;
      });
      fields.set(field, arrayValue(takeRegion(array, { start, size }), regionGeometry(geometry, start)));
    }
  },
});
