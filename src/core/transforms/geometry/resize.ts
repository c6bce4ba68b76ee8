import { shiftOrigin } from '../../imaging/affine.js';
import { sampleGrid } from '../../imaging/sample/sample-grid.js';
import type { Affine, ArrayValue, Geometry } from '../../tensor/value.js';
import { defineTransform } from '../definition.js';
import { choiceParam, fieldsParam, integerParam, listParam, optionalParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { arrayValue, cannot, takeNumbers } from '../values.js';
import { spatialAxesOf } from './spatial-lengths.js';
import { mapVolumes } from './volumes.js';

/** The geometry after axis `axes[n]` was cut into pieces `ratios[n]` times as long, edge on edge. */
function resizeGeometry(geometry: Geometry, axes: readonly number[], ratios: readonly number[]): Geometry {
  const factors = geometry.spatialAxes.map((axis) => ratios[axes.indexOf(axis)] ?? 1) as [number, number, number];
  const origin = factors.map((factor) => (factor - 1) / 2) as [number, number, number];
  const moved: Affine = shiftOrigin(geometry.affine, origin);
  return { ...geometry, affine: moved.map((entry, n) => (n < 12 && n % 4 < 3 ? entry * factors[n % 4]! : entry)) };
}

/** The axes that lengths without `axes` belong to: never a guess which of the spatial ones are meant. */
function axesFor(value: ArrayValue, { length: count }: readonly number[], field: string): readonly number[] {
  const rank = value.array.shape.length;
  if (value.geometry === undefined) return Array.from({ length: count }, (_, n) => rank - count + n);
  const spatial = spatialAxesOf(value);
  if (count === spatial.length) return spatial;
  const first = spatial.slice(0, count).join(', ');
  throw cannot(
    field,
    `size has ${count} length(s); expected ${spatial.length}, one for each spatial axis of shape [${value.array.shape.join(', ')}].`,
    `Give ${spatial.length} lengths (1 along an axis of one slice), or name the axes that they belong to, such as "axes": [${first}].`,
  );
}

export const resize = defineTransform({
  name: 'Resize',
  group: 'geometry',
  summary: 'Interpolates to a number of voxels along each axis, whatever their spacing.',
  notes:
    'The outer edges of the first and last voxel stay where they are (align_corners false); beyond the outermost centres the border is repeated. One to three lengths. Without `axes` a volume needs one length for each of its three spatial axes (an MR slice has three, the last of length 1); a value without geometry is resized along its last axes, so a colour picture (row, column, sample) needs `axes` [0, 1].',
  params: {
    fields: fieldsParam('arrays or images'),
    size: listParam(integerParam('length of each axis', { min: 1 })),
    axes: optionalParam(listParam(integerParam('the axes, from 0', { min: 0 }))),
    mode: choiceParam('interpolation', ['linear', 'nearest'], { default: 'linear' }),
  },
  example: { fields: ['image'], size: [224, 224] },
  check: ({ size, axes }) =>
    size.length > 3
      ? `size has ${size.length} lengths; expected 1 to 3.`
      : axes !== null && axes.length !== size.length
        ? `size has ${size.length} lengths and axes names ${axes.length}.`
        : undefined,
  trace: traceNumbers,
  apply: (fields, params) => {
    for (const field of params.fields) {
      const value = takeNumbers(fields, field);
      const { array, geometry } = value;
      const rank = array.shape.length;
      const axes = params.axes ?? axesFor(value, params.size, field);
      if (axes.some((axis) => axis < 0 || axis >= rank))
        throw cannot(field, `shape [${array.shape.join(', ')}] has no axes ${axes.join(', ')}.`);
      const ratios = axes.map((axis, n) => array.shape[axis]! / params.size[n]!);
      const ratio = (n: number): number => ratios[n] ?? 1;
      const shift = (n: number): number => (ratio(n) - 1) / 2;
      const matrix = [0, 1, 2].flatMap((n) => [0, 1, 2, 3].map((m) => (m === n ? ratio(n) : m === 3 ? shift(n) : 0)));
      const shape = [0, 1, 2].map((n) => params.size[n] ?? 1) as [number, number, number];
      const resized = mapVolumes(array, axes, (source) =>
        sampleGrid({ source, matrix: [...matrix, 0, 0, 0, 1], shape, mode: params.mode, outside: { rule: 'edge' } }),
      );
      fields.set(field, arrayValue(resized, geometry && resizeGeometry(geometry, axes, ratios)));
    }
  },
});
