import { EisenError } from '../../errors/error.js';
import { sampledDType } from '../../imaging/sample/sample-grid.js';
import { castArray } from '../../tensor/cast.js';
import type { ArrayValue, Geometry, ImageValue } from '../../tensor/value.js';
import { defineTransform } from '../definition.js';
import { scaledFloat32 } from '../image-array.js';
import { booleanParam, choiceParam, fieldParam, fieldsParam, numberParam } from '../param.js';
import { gridsCoincide } from '../shared-geometry.js';
import { NUMBERS, traceEach } from '../traces.js';
import { arrayValue, needGeometry, takePlaced } from '../values.js';
import { hasVoxelInside } from './overlap.js';
import { type Grid, indexMap, resampleValue, type Sampling } from './resample.js';
import { spatialShape } from './volumes.js';

interface Target {
  readonly grid: Grid;
  readonly sampling: Sampling;
  /** The fields to name when they lie apart; null: that is allowed. */
  readonly overlap: Names | null;
}

interface Names {
  readonly field: string;
  readonly reference: string;
}

function refuseApart({ field, reference }: Names): EisenError {
  return new EisenError(
    'GEOMETRY',
    `field '${field}' and '${reference}' do not overlap: no voxel of '${reference}' lies inside of '${field}'.`,
    {
      where: field,
      expected: `a scan that covers a part of '${reference}'`,
      hint: 'Are these scans of one patient and session, and are their affines right? With require_overlap false the result is fill.',
    },
  );
}

/** The value on the grid of `target`; its own voxels, bit for bit, where they lie there already. */
function bringOnto(
  value: ArrayValue | ImageValue,
  geometry: Geometry,
  { grid, sampling, overlap }: Target,
): ArrayValue {
  const { array } = value;
  const own = { affine: geometry.affine, shape: spatialShape(array, geometry.spatialAxes) };
  // A rounded decimal in an affine must not make numbers near 0 of exact zeros, which count as foreground afterwards.
  if (!gridsCoincide(own, grid)) {
    if (overlap !== null && !hasVoxelInside(indexMap(geometry.affine, grid.affine), grid.shape, own.shape))
      throw refuseApart(overlap);
    return resampleValue(value, geometry, { grid, sampling });
  }
  const copy =
    value.kind === 'image' ? scaledFloat32(value) : castArray(array, sampledDType(array.dtype, sampling.mode));
  return arrayValue(copy, { ...geometry, affine: grid.affine });
}

export const resampleToReference = defineTransform({
  name: 'ResampleToReference',
  group: 'geometry',
  summary: 'Resamples onto the present grid of another field, so that both lie voxel on voxel.',
  notes:
    'Where both grids coincide (the same lengths, no corner further than 0.001 mm apart) voxels are copied, bit for bit. Elsewhere, within half a voxel of the border the border is repeated; beyond it the value is `fill`. Two scans that do not overlap at all are refused (GEOMETRY) unless `require_overlap` is false.',
  params: {
    fields: fieldsParam('arrays or images with geometry'),
    reference: fieldParam('the field whose grid is wanted'),
    mode: choiceParam('interpolation', ['linear', 'nearest'], { default: 'linear' }),
    fill: numberParam('value outside the field of view', { default: 0 }),
    require_overlap: booleanParam('refuse a scan of which no voxel of the reference lies inside', { default: true }),
  },
  example: { fields: ['t2'], reference: 't1' },
  trace: (ledger, { fields, reference }) => {
    ledger.readPlaced(reference, NUMBERS);
    traceEach(ledger, fields, { accepts: NUMBERS, gives: 'array', geometry: 'needs' });
  },
  apply: (fields, params) => {
    const target = takePlaced(fields, params.reference);
    const { affine, spatialAxes } = needGeometry(target, params.reference);
    const grid = { affine, shape: spatialShape(target.array, spatialAxes) };
    const sampling = { mode: params.mode, outside: { rule: 'fill', fill: params.fill } as const };
    for (const field of params.fields) {
      const value = takePlaced(fields, field);
      const overlap = params.require_overlap ? { field, reference: params.reference } : null;
      fields.set(field, bringOnto(value, needGeometry(value, field), { grid, sampling, overlap }));
    }
  },
});
