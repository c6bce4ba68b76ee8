import { defineTransform } from '../definition.js';
import { fieldsParam, integerParam, listParam } from '../param.js';
import { regionGeometry, takeRegion } from '../region.js';
import { traceArrays } from '../traces.js';
import { arrayValue, cannot, plainValue, takeArray } from '../values.js';

/** Where the crop of one axis begins (before the array when negative) and how much of the end it leaves away. */
function placeCrop(length: number, size: number): { start: number; end: number } {
  const pad = Math.max(size - length + 1, 0);
  const before = Math.floor(pad / 2);
  const padded = length + pad;
  const first = Math.floor(padded / 2) - Math.floor(size / 2);
  return { start: first - before, end: padded - (first + size) - 1 - (pad - before) };
}

export const cropCenteredSubVolumes = defineTransform({
  name: 'CropCenteredSubVolumes',
  python: 'eisen.transforms.imaging.CropCenteredSubVolumes',
  group: 'geometry',
  summary: 'Crops the last three axes to a size around their middle, with zeros where the array is too small.',
  notes:
    'The middle is the one of eisen-core 0.0.9: 5 cropped to 5 shifts by one voxel. Adds FIELD_start_px and FIELD_end_px, the voxels left away on either side (negative: added). Geometry follows.',
  params: {
    fields: fieldsParam('arrays of three axes or more'),
    size: listParam(integerParam('lengths of the last three axes', { min: 0 }), { length: 3 }),
  },
  example: { fields: ['image'], size: [96, 96, 96] },
  trace: (ledger, params) => {
    traceArrays(ledger, params);
    for (const field of params.fields)
      for (const side of ['start_px', 'end_px']) ledger.make(`${field}_${side}`, { kind: 'plain', geometry: 'none' });
  },
  apply: (fields, params) => {
    for (const field of params.fields) {
      const { array, geometry } = takeArray(fields, field);
      const lead = array.shape.length - 3;
      if (lead < 0) throw cannot(field, `shape [${array.shape.join(', ')}] has fewer than three axes.`);
      const crops = params.size.map((size, n) => placeCrop(array.shape[lead + n]!, size));
      const start = [...new Array<number>(lead).fill(0), ...crops.map((crop) => crop.start)];
      const size = [...array.shape.slice(0, lead), ...params.size];
      fields.set(field, arrayValue(takeRegion(array, { start, size }), regionGeometry(geometry, start)));
      fields.set(`${field}_start_px`, plainValue(crops.map((crop) => crop.start)));
      fields.set(`${field}_end_px`, plainValue(crops.map((crop) => crop.end)));
    }
  },
});
