import { voxelSizes } from '../../imaging/affine.js';
import { castArray } from '../../tensor/cast.js';
import type { DType } from '../../tensor/dtype.js';
import type { NdArray } from '../../tensor/ndarray.js';
import type { Affine, ImageValue } from '../../tensor/value.js';
import { defineTransform } from '../definition.js';
import { DTYPE_NAMES } from '../intensity/cast.js';
import { choiceParam, fieldsParam, listParam, mappingParam, numberParam, optionalParam } from '../param.js';
import { traceEach } from '../traces.js';
import { cannot, takeArray } from '../values.js';

const IDENTITY: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const REFUSED: readonly DType[] = ['float16', 'bool', 'int64', 'uint64'];

function toImage(array: NdArray, affine: Affine): ImageValue {
  const sizes = voxelSizes(affine).map(Math.fround);
  const zooms = array.shape.map((_, axis) => sizes[axis] ?? 1);
  const image = { kind: 'image', form: 'nifti', array, extra: { zooms } } as const;
  if (array.shape.length < 3) return image;
  const original = { shape: array.shape, affine, source: 'array' } as const;
  return { ...image, geometry: { affine, spatialAxes: [0, 1, 2], original } };
}

export const numpyToNifti = defineTransform({
  name: 'NumpyToNifti',
  python: 'eisen.transforms.imaging.NumpyToNifti',
  group: 'reading and writing',
  summary: 'Makes a NIfTI image of an array, with a fixed affine.',
  notes:
    'As the original it forgets where the volume came from: without `affine` the identity is written, which only three axes allow. Use RestoreGeometry and WriteNifti to lay a result over its scan. Values are cut and wrapped into the dtype. float16, bool and 64-bit integers are refused, as nibabel refuses them.',
  params: {
    fields: fieldsParam('arrays with the same number of axes', { mayBeEmpty: true }),
    affine: optionalParam(
      listParam(listParam(numberParam('four rows of four numbers, voxels to RAS+ mm'), { length: 4 }), { length: 4 }),
    ),
    data_types: optionalParam(mappingParam(choiceParam('dtype of each field; float32 without', DTYPE_NAMES))),
  },
  example: { fields: ['prediction'], data_types: { prediction: 'uint8' } },
  check: ({ fields, data_types }) => {
    const missing = data_types === null ? undefined : fields.find((field) => !data_types.has(field));
    return missing === undefined ? undefined : `data_types has no dtype for field '${missing}'.`;
  },
  trace: (ledger, { fields, affine }) =>
    traceEach(ledger, fields, { accepts: ['array'], gives: 'image', geometry: affine === null ? 'drops' : 'keeps' }),
  apply: (fields, params) => {
    const affine = params.affine?.flat() ?? IDENTITY;
    const arrays = params.fields.map((field) => takeArray(fields, field).array);
    for (const [n, field] of params.fields.entries()) {
      const rank = arrays[n]!.shape.length;
      if (rank !== arrays[0]!.shape.length)
        throw cannot(
          field,
          `it has ${rank} axes and '${params.fields[0]}' has ${arrays[0]!.shape.length}; expected the same.`,
        );
      if (params.affine === null && rank !== 3)
        throw cannot(field, `it has ${rank} axes; without an affine only three axes can become a NIfTI image.`);
      const dtype = params.data_types?.get(field) ?? 'float32';
      if (REFUSED.includes(dtype))
        throw cannot(field, `a NIfTI image of ${dtype} is not written; choose another dtype.`);
      fields.set(field, toImage(castArray(arrays[n]!, dtype), affine));
    }
  },
});
