import type { ImageValue } from '../../tensor/value.js';
import { defineTransform, type TransformDefinition } from '../definition.js';
import { scaledFloat32 } from '../image-array.js';
import { lastAxisFirst } from '../multichannel.js';
import { booleanParam, fieldsParam } from '../param.js';
import { traceEach } from '../traces.js';
import { arrayValue, takeImage } from '../values.js';

interface Kind {
  readonly name: string;
  readonly form: ImageValue['form'];
  readonly summary: string;
  readonly notes: string;
}

function defineImageToNumpy({ name, form, summary, notes }: Kind): TransformDefinition {
  return defineTransform({
    name,
    python: `eisen.transforms.imaging.${name}`,
    group: 'reading and writing',
    summary,
    notes,
    params: {
      fields: fieldsParam('images'),
      multichannel: booleanParam('move the last axis to the front', { default: false }),
    },
    example: { fields: ['image'], multichannel: false },
    trace: (ledger, { fields }) => traceEach(ledger, fields, { accepts: ['image'], gives: 'array', geometry: 'keeps' }),
    apply: (fields, params, { memory }) => {
      for (const field of params.fields) {
        const image = takeImage(fields, field, [form]);
        const array = scaledFloat32(image);
        if (array.data.buffer !== image.array.data.buffer) memory.adopt(array.data);
        fields.set(
          field,
          params.multichannel ? lastAxisFirst(array, image.geometry) : arrayValue(array, image.geometry),
        );
      }
    },
  });
}

export const niftiToNumpy = defineImageToNumpy({
  name: 'NiftiToNumpy',
  form: 'nifti',
  summary: 'The values of a NIfTI volume as a float32 array.',
  notes:
    'Slope and intercept are applied in float64, then rounded once. Axes (x, y, z[, t]). With `multichannel` the last axis comes first, also on a volume of three axes.',
});

export const itkToNumpy = defineImageToNumpy({
  name: 'ITKToNumpy',
  form: 'itk',
  summary: 'The values of an ITK image as a float32 array.',
  notes: 'Axes (z, y, x[, channel]).',
});

export const pilToNumpy = defineImageToNumpy({
  name: 'PilToNumpy',
  form: 'pil',
  summary: 'The values of a picture as a float32 array.',
  notes: 'Axes (row, column[, channel]); a palette picture gives its indices.',
});
