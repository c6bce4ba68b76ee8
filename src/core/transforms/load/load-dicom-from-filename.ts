import { parseDicom } from '../../imaging/dicom/dataset.js';
import { readPixelArray } from '../../imaging/dicom/pixels.js';
import { readDicomSeries } from '../../imaging/dicom/read-series.js';
import type { Fields } from '../../tensor/value.js';
import { type ChainContext, defineTransform } from '../definition.js';
import { booleanParam, fieldsParam, optionalParam, stringParam } from '../param.js';
import { arrayValue, cannot, takeField } from '../values.js';
import { readDataFile } from './data-file.js';

async function takeBytes(
  fields: Fields,
  field: string,
  context: ChainContext,
): Promise<{ bytes: Uint8Array; name: string }> {
  const value = takeField(fields, field);
  if (value.kind === 'file') return { bytes: value.bytes, name: value.name ?? field };
  if (value.kind === 'plain' && typeof value.value === 'string') return readDataFile(value.value, field, context);
  throw cannot(field, 'it holds no file; expected the bytes of one DICOM file.');
}

export const loadDicomFromFilename = defineTransform({
  name: 'LoadDICOMFromFilename',
  python: 'eisen.io.imaging.LoadDICOMFromFilename',
  group: 'reading and writing',
  summary: 'Reads one DICOM file.',
  notes:
    'FIELD_pixel_array holds the stored values, without rescaling and MONOCHROME1 not turned over, as pydicom gives them, axes ([frame,] row, column[, sample]). The field itself becomes an image (the original leaves a pydicom Dataset there, which no other transform can use). A file that says nothing of its place, such as an X-ray, becomes a picture for PilToNumpy. For a series use LoadImage on a zip of its files.',
  params: {
    fields: fieldsParam('file names or the bytes of files'),
    data_dir: optionalParam(stringParam('taken so that chains written for Eisen parse; not used')),
    store_data_array: booleanParam('also store the pixels as an array', { default: true }),
  },
  example: { fields: ['image'] },
  trace: (ledger, { fields, store_data_array }) => {
    for (const field of fields) {
      ledger.read(field, ['file', 'plain']);
      if (store_data_array) ledger.make(`${field}_pixel_array`, { kind: 'array', geometry: 'none' });
      ledger.make(field, { kind: 'image', geometry: 'maybe' });
    }
  },
  apply: async (fields, params, context) => {
    for (const field of params.fields) {
      const file = await takeBytes(fields, field, context);
      if (params.store_data_array)
        fields.set(`${field}_pixel_array`, arrayValue(await readPixelArray(parseDicom(file.bytes, file.name))));
      fields.set(field, await readDicomSeries([file], file.name));
    }
  },
});
