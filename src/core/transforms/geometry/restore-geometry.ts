import { sampleGrid } from '../../imaging/sample/sample-grid.js';
import { DTYPES } from '../../tensor/dtype.js';
import { selectIndex } from '../../tensor/layout.js';
import type { NdArray } from '../../tensor/ndarray.js';
import type { ArrayValue, Fields, Geometry, OriginalGrid } from '../../tensor/value.js';
import { defineTransform } from '../definition.js';
import { choiceParam, fieldParam, fieldsParam, integerParam, optionalParam } from '../param.js';
import { lazyArrayValue, shapeOf } from '../prediction/lazy-channels.js';
import { NUMBERS, traceEach } from '../traces.js';
import { arrayValue, cannot, needGeometry, takeNumbers, takePlaced } from '../values.js';
import { inheritGeometry } from './inherit-geometry.js';
import { findLattice, takeLattice } from './lattice.js';
import { indexMap } from './resample.js';
import { mapVolumes, otherAxes } from './volumes.js';

interface RestorePlan {
  readonly geometry: Geometry;
  readonly original: OriginalGrid;
  readonly mode: 'linear' | 'nearest';
}

/** Volumes back on the grid they came from: copied voxel for voxel where grids coincide, sampled where they do not. */
function restoreArray(array: NdArray, { geometry, original, mode }: RestorePlan, fill: number): NdArray {
  const shape = [0, 1, 2].map((axis) => original.shape[axis] ?? 1) as [number, number, number];
  const matrix = indexMap(geometry.affine, original.affine);
  const lattice = findLattice(matrix);
  return mapVolumes(array, geometry.spatialAxes, (source) =>
    lattice
      ? takeLattice(source, lattice, { shape, fill })
      : sampleGrid({ source, matrix, shape, mode, outside: { rule: 'fill', fill } }),
  );
}

interface RestoreRequest {
  readonly value: ArrayValue;
  readonly plan: RestorePlan;
  /** Channel that is 1 outside the field of view. */
  readonly background: number | null;
  readonly field: string;
}

/** The restored value; with one channel axis it is restored channel by channel when somebody asks. */
function restoreValue({ value, plan, background, field }: RestoreRequest): ArrayValue {
  const { geometry, original } = plan;
  const { array } = value;
  const restored: Geometry = { ...geometry, affine: original.affine };
  const others = otherAxes(array.shape.length, geometry.spatialAxes);
  const many = others.filter((axis) => array.shape[axis]! > 1);
  const axis = many[0] ?? others.at(-1);
  const count = axis === undefined ? 0 : array.shape[axis]!;
  if (background !== null && background >= count)
    throw cannot(field, `there is no channel ${background} to fill the outside with; it has ${count}.`);
  if (axis === undefined || many.length > 1) return arrayValue(restoreArray(array, plan, 0), restored);
  const spatialAxes = geometry.spatialAxes.map((at) => at - Number(at > axis)) as [number, number, number];
  const shape = [...array.shape];
  geometry.spatialAxes.forEach((at, n) => {
    shape[at] = original.shape[n] ?? 1;
  });
  const readChannel = (n: number): NdArray =>
    restoreArray(
      selectIndex(array, axis, n),
      { ...plan, geometry: { ...geometry, spatialAxes } },
      n === background ? 1 : 0,
    );
  const dtype = readChannel(0).dtype;
  return lazyArrayValue({ dtype, shape, axis, readChannel }, restored);
}

function referenceGrid(
  fields: Fields,
  reference: string,
): { original: OriginalGrid; inherit: (output: ArrayValue) => Geometry | undefined } {
  const value = takePlaced(fields, reference);
  const geometry = needGeometry(value, reference);
  return {
    original: geometry.original,
    inherit: (output) => inheritGeometry({ shape: shapeOf(output) }, { array: value.array, geometry }),
  };
}

export const restoreGeometry = defineTransform({
  name: 'RestoreGeometry',
  group: 'geometry',
  summary: 'Brings a prediction back onto the grid that its input was read on.',
  notes:
    'Undoes any row of Orientation, Spacing, cropping and padding by the affine that was followed. Where the grids coincide voxels are copied; otherwise they are interpolated (`auto`: floats linear, integers nearest). Outside the field of view the value is 0. Padding that the prediction still has counts as field of view: where the stored grid ends past the last centre before the padding, its outermost voxels are interpolated with what was predicted there. A prediction with channels is restored one channel at a time when Argmax, Threshold or RegionsToLabels read it.',
  params: {
    fields: fieldsParam('predictions'),
    reference: optionalParam(
      fieldParam('the input whose stored grid is wanted; null: the one the value itself came from'),
    ),
    interpolation: choiceParam('how to interpolate', ['auto', 'linear', 'nearest'], { default: 'auto' }),
    background: optionalParam(integerParam('channel that is 1 outside the field of view', { min: 0 })),
  },
  example: { fields: ['prediction'], reference: 'image', interpolation: 'linear' },
  trace: (ledger, { fields, reference }) => {
    if (reference !== null) ledger.readPlaced(reference, NUMBERS);
    traceEach(ledger, fields, { accepts: NUMBERS, gives: 'array', geometry: 'needs' });
  },
  apply: (fields, params) => {
    const reference = params.reference === null ? undefined : referenceGrid(fields, params.reference);
    for (const field of params.fields) {
      const value = takeNumbers(fields, field);
      const geometry = value.geometry ?? reference?.inherit(value) ?? needGeometry(value, field);
      const original = reference?.original ?? geometry.original;
      const float = DTYPES[value.array.dtype].kind === 'float';
      const mode = params.interpolation === 'auto' ? (float ? 'linear' : 'nearest') : params.interpolation;
      fields.set(
        field,
        restoreValue({ value, plan: { geometry, original, mode }, background: params.background, field }),
      );
    }
  },
});
