import { DTYPES, type DType } from '../../tensor/dtype.js';
import { squeeze } from '../../tensor/layout.js';
import type { ArrayValue, ImageValue, OriginalGrid } from '../../tensor/value.js';
import { defineTransform } from '../definition.js';
import { castFitting, niftiDType } from '../fit-dtype.js';
import { moveSpatialAxes } from '../geometry/spatial-axes.js';
import { choiceParam, fieldParam, fieldsParam, optionalParam } from '../param.js';
import { NUMBERS, traceEach } from '../traces.js';
import { needGeometry, takeNumbers, takePlaced } from '../values.js';

const NIFTI_DTYPES = ['uint8', 'int16', 'uint16', 'int32', 'float32', 'float64'] as const satisfies readonly DType[];

/** The value as a NIfTI image on its own grid, with the header of the grid it came from. Axes of length 1 that are not spatial go. */
function toNiftiImage(
  value: ArrayValue,
  field: string,
  options: { original?: OriginalGrid; dtype: DType | null },
): ImageValue {
  const geometry = needGeometry(value, field);
  const stored = options.dtype ?? niftiDType(value.array.dtype);
  const array = castFitting(value.array, stored, field);
  const gone = array.shape.flatMap((length, axis) =>
    length === 1 && !geometry.spatialAxes.includes(axis) ? [axis] : [],
  );
  const moved = moveSpatialAxes(geometry, (axis) => axis - gone.filter((other) => other < axis).length)!;
  return {
    kind: 'image',
    form: 'nifti',
    array: squeeze(array, gone),
    geometry: options.original === undefined ? moved : { ...moved, original: options.original },
    extra: { labels: DTYPES[stored].kind !== 'float' },
  };
}

export const writeNifti = defineTransform({
  name: 'WriteNifti',
  group: 'reading and writing',
  summary: 'Makes a NIfTI image of an array, with the header of the volume it came from.',
  notes:
    'On the original grid the affine and both forms come out bit for bit as they came in; on another grid both forms say the new affine. Integers are marked as labels. With `dtype` fractions are cut toward zero; a number that does not fit, NaN among them, is refused.',
  params: {
    fields: fieldsParam('arrays with geometry'),
    reference: optionalParam(fieldParam('the input whose header is copied; null: the one the value came from')),
    dtype: optionalParam(choiceParam('stored dtype; null: that of the array', NIFTI_DTYPES)),
  },
  example: { fields: ['prediction'], reference: 'image' },
  trace: (ledger, { fields, reference }) => {
    if (reference !== null) ledger.readPlaced(reference, NUMBERS);
    traceEach(ledger, fields, { accepts: NUMBERS, gives: 'image', geometry: 'needs' });
  },
  apply: (fields, params) => {
    const original =
      params.reference === null
        ? undefined
        : needGeometry(takePlaced(fields, params.reference), params.reference).original;
    for (const field of params.fields) {
      fields.set(field, toNiftiImage(takeNumbers(fields, field), field, { original, dtype: params.dtype }));
    }
  },
});
