import { castArray } from '../../tensor/cast.js';
import { copyInto } from '../../tensor/contiguous.js';
import { expandDims, sliceAxis } from '../../tensor/layout.js';
import { createNdArray, type NdArray } from '../../tensor/ndarray.js';
import { defineTransform } from '../definition.js';
import { shiftSpatialAxes } from '../geometry/spatial-axes.js';
import { booleanParam, fieldParam, fieldsParam } from '../param.js';
import { promoteDTypes } from '../promote.js';
import { sharedGeometry } from '../shared-geometry.js';
import { arrayValue, cannot, takeArray } from '../values.js';

/** One array after the other along the first axis, in the dtype that holds them all. */
function concatenate(arrays: readonly NdArray[], field: string): NdArray {
  const [first] = arrays as [NdArray];
  if (first.shape.length === 0) throw cannot(field, 'single numbers cannot be put one after another.');
  const rest = first.shape.slice(1);
  for (const { shape } of arrays) {
    if (shape.length !== first.shape.length || rest.some((length, axis) => shape[axis + 1] !== length)) {
      throw cannot(field, `shape [${shape.join(', ')}] does not stack onto [${first.shape.join(', ')}].`);
    }
  }
  const dtype = arrays.map((array) => array.dtype).reduce(promoteDTypes);
  const out = createNdArray(dtype, [arrays.reduce((sum, { shape }) => sum + shape[0]!, 0), ...rest]);
  let start = 0;
  for (const array of arrays) {
    const stop = start + array.shape[0]!;
    copyInto(sliceAxis(out, 0, { start, stop }), castArray(array, dtype));
    start = stop;
  }
  return out;
}

export const stackImagesChannelwise = defineTransform({
  name: 'StackImagesChannelwise',
  python: 'eisen.transforms.imaging.StackImagesChannelwise',
  group: 'shape',
  summary: 'Stacks several arrays into one, along a new first axis or along the present one.',
  notes:
    'The sources stay. Dtypes are promoted as numpy does (int16 with float32 gives float32). Geometry is that of the sources when they share one grid (0.001 mm), otherwise it is lost and a warning is said.',
  params: {
    fields: fieldsParam('arrays of one shape'),
    dst_field: fieldParam('where the stack goes'),
    create_new_dim: booleanParam('true: along a new axis 0; false: along the present axis 0', { default: true }),
  },
  example: { fields: ['t1', 't2'], dst_field: 'image', create_new_dim: true },
  trace: (ledger, { fields, dst_field }) => {
    const facts = fields.map((field) => ledger.read(field, ['array']));
    ledger.make(dst_field, facts.find(({ geometry }) => geometry !== 'known') ?? facts[0]!);
  },
  apply: (fields, params, { say }) => {
    const values = params.fields.map((field) => takeArray(fields, field));
    const shared = sharedGeometry(values.map(({ geometry }) => geometry));
    if (shared === undefined && values.some(({ geometry }) => geometry !== undefined))
      say?.(`StackImagesChannelwise: ${params.fields.join(', ')} do not lie on one grid; the stack has no geometry.`);
    const arrays = values.map(({ array }) => (params.create_new_dim ? expandDims(array, 0) : array));
    const geometry = params.create_new_dim ? shiftSpatialAxes(shared, 1) : shared;
    fields.set(params.dst_field, arrayValue(concatenate(arrays, params.dst_field), geometry));
  },
});
