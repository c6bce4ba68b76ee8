import { voxelSizes } from '../../imaging/affine.js';
import { defineTransform } from '../definition.js';
import { choiceParam, eitherParam, fieldsParam, listParam, numberParam } from '../param.js';
import { NUMBERS, traceEach } from '../traces.js';
import { needGeometry, takePlaced } from '../values.js';
import { resampleValue } from './resample.js';
import { perAxis } from './spatial-lengths.js';
import { spatialShape } from './volumes.js';

/** To the nearest whole number, halves to the even one, as Python rounds. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/** Sizes that differ less than this, relatively, are the same: the axis is not resampled. */
const SAME_SIZE = 1e-6;

export const spacing = defineTransform({
  name: 'Spacing',
  group: 'geometry',
  summary: 'Resamples to a voxel spacing in millimetres; the directions of the axes stay.',
  notes:
    "As MONAI's Spacing: the first voxel centre stays where it is, the length of an axis is round((n - 1) · old / new + 1), values beyond the last voxel centre repeat it. `linear` gives float32 (float64 stays), `nearest` keeps the dtype of an array.",
  params: {
    fields: fieldsParam('arrays or images with geometry'),
    pixdim: eitherParam(
      numberParam('mm, one for all axes or one for each; 0 leaves the axis as it is', { min: 0 }),
      listParam(numberParam('mm', { min: 0 }), { length: 3 }),
    ),
    mode: choiceParam('interpolation', ['linear', 'nearest'], { default: 'linear' }),
  },
  example: { fields: ['image'], pixdim: [1, 1, 1], mode: 'linear' },
  trace: (ledger, { fields }) => traceEach(ledger, fields, { accepts: NUMBERS, gives: 'array', geometry: 'needs' }),
  apply: (fields, params, { memory }) => {
    const wanted = perAxis(params.pixdim, 3)!;
    for (const field of params.fields) {
      const value = takePlaced(fields, field);
      const geometry = needGeometry(value, field);
      const lengths = spatialShape(value.array, geometry.spatialAxes);
      const ratios = voxelSizes(geometry.affine).map((size, axis) => {
        const ratio = wanted[axis] === 0 ? 1 : wanted[axis]! / size;
        return Math.abs(ratio - 1) < SAME_SIZE ? 1 : ratio;
      });
      const shape = lengths.map((length, axis) => roundHalfEven((length - 1) / ratios[axis]! + 1));
      const affine = geometry.affine.map((entry, n) => (n < 12 && n % 4 < 3 ? entry * ratios[n % 4]! : entry));
      const matrix = [ratios[0]!, 0, 0, 0, 0, ratios[1]!, 0, 0, 0, 0, ratios[2]!, 0, 0, 0, 0, 1];
      const grid = { affine, shape: shape as [number, number, number] };
      const sampling = { mode: params.mode, outside: { rule: 'edge' } as const };
      const spaced = resampleValue(value, geometry, { grid, sampling, matrix });
      if (spaced.array.data.buffer !== value.array.data.buffer) memory.adopt(spaced.array.data);
      fields.set(field, spaced);
    }
  },
});
