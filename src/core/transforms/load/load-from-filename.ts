import { toItkImage } from '../../imaging/itk/nifti-as-itk.js';
import { regridNifti } from '../../imaging/nifti/regrid.js';
import { axisCodes } from '../../imaging/orientation.js';
import { toClosestCanonical } from '../../imaging/reorient.js';
import { readScaledValues } from '../../imaging/scaled.js';
import { wrapNdArray } from '../../tensor/ndarray.js';
import type { ImageValue } from '../../tensor/value.js';
import { defineTransform } from '../definition.js';
import type { FieldLedger } from '../field-ledger.js';
import { booleanParam, fieldsParam, optionalParam, stringParam } from '../param.js';
import { arrayValue, cannot, needGeometry, plainValue, takeField } from '../values.js';
import { loadImageValue } from './load-image.js';

const DATA_DIR =
  'taken so that chains written for Eisen parse; not used: the run says where files are, and a server takes the bytes of the file';

const params = {
  fields: fieldsParam('file names or the bytes of files'),
  data_dir: optionalParam(stringParam(DATA_DIR)),
};

function traceLoad(ledger: FieldLedger, fields: readonly string[], geometry: 'known' | 'maybe' | 'none'): void {
  for (const field of fields) {
    ledger.read(field, ['file', 'image', 'plain']);
    ledger.make(field, { kind: 'image', geometry });
  }
}

/** As nibabel's as_closest_canonical: the same image when it lies so already, else its scaled values on turned axes. */
function toCanonical(image: ImageValue, field: string): ImageValue {
  const geometry = needGeometry(image, field);
  const turned = toClosestCanonical({ ...geometry, array: image.array });
  if (turned.array === image.array) return image;
  const { array } = toClosestCanonical({ ...geometry, array: readScaledValues(image) });
  return regridNifti(image, array, turned.affine);
}

export const loadNiftiFromFilename = defineTransform({
  name: 'LoadNiftiFromFilename',
  python: 'eisen.io.imaging.LoadNiftiFromFilename',
  aliases: ['LoadNiftyFromFilename'],
  group: 'reading and writing',
  summary: 'Reads a NIfTI file.',
  notes:
    'Adds FIELD_affines (4×4, float64, voxels to RAS+ mm) and FIELD_orientations (three letters). With `canonical` the axes are flipped and permuted to the nearest RAS+ first.',
  params: { ...params, canonical: booleanParam('turn the axes to the nearest RAS+', { default: false }) },
  example: { fields: ['image'], canonical: true },
  trace: (ledger, { fields }) => {
    traceLoad(ledger, fields, 'known');
    for (const field of fields) {
      ledger.make(`${field}_affines`, { kind: 'array', geometry: 'none' });
      ledger.make(`${field}_orientations`, { kind: 'plain', geometry: 'none' });
    }
  },
  apply: async (fields, { canonical, ...rest }, context) => {
    for (const field of rest.fields) {
      const read = await loadImageValue(takeField(fields, field), field, context);
      if (read.form !== 'nifti')
        throw cannot(field, `it holds an image of another format (${read.form}); expected NIfTI.`);
      const image = canonical ? toCanonical(read, field) : read;
      const { affine } = needGeometry(image, field);
      fields.set(field, image);
      fields.set(`${field}_affines`, arrayValue(wrapNdArray('float64', [4, 4], Float64Array.from(affine))));
      fields.set(`${field}_orientations`, plainValue([...axisCodes(affine)]));
    }
  },
});

export const loadItkFromFilename = defineTransform({
  name: 'LoadITKFromFilename',
  python: 'eisen.io.imaging.LoadITKFromFilename',
  group: 'reading and writing',
  summary: 'Reads a volume as SimpleITK would: float32, axes (z, y, x).',
  notes:
    'NIfTI goes by the form that ITK prefers. MHA, NRRD and the like by their own. DICOM planes of MONOCHROME1 stay as they are stored, where SimpleITK turns them over.',
  params,
  example: { fields: ['image'] },
  trace: (ledger, { fields }) => traceLoad(ledger, fields, 'known'),
  apply: async (fields, rest, context) => {
    for (const field of rest.fields) {
      const read = await loadImageValue(takeField(fields, field), field, context);
      if (read.form === 'pil')
        throw cannot(field, 'it holds a picture without a grid in millimetres; use LoadPILImageFromFilename.');
      fields.set(field, toItkImage(read));
    }
  },
});

export const loadPilImageFromFilename = defineTransform({
  name: 'LoadPILImageFromFilename',
  python: 'eisen.io.imaging.LoadPILImageFromFilename',
  group: 'reading and writing',
  summary: 'Reads a picture: PNG, JPEG, TIFF.',
  params,
  example: { fields: ['image'] },
  trace: (ledger, { fields }) => traceLoad(ledger, fields, 'none'),
  apply: async (fields, rest, context) => {
    for (const field of rest.fields) {
      const read = await loadImageValue(takeField(fields, field), field, context);
      if (read.form !== 'pil') throw cannot(field, `it holds a volume (${read.form}); expected a picture.`);
      fields.set(field, read);
    }
  },
});
