import { decodeImage } from '../../imaging/decode-image.js';
import type { ImageValue, Value } from '../../tensor/value.js';
import { type ChainContext, defineTransform } from '../definition.js';
import { fieldsParam } from '../param.js';
import { cannot, takeField } from '../values.js';
import { readDataFile } from './data-file.js';

const ARRAY_HINT =
  'Send the image file itself (NIfTI, DICOM, PNG, …) in the place of the array or .npy, or leave the step that reads files ' +
  'out of the chain.';

/** The image of a value: the bytes of a file decoded, a file name read first, an image as it is. */
export async function loadImageValue(value: Value, field: string, context: ChainContext): Promise<ImageValue> {
  if (value.kind === 'image') return value;
  if (value.kind === 'file') return decodeImage(value.bytes, { name: value.name ?? field });
  if (value.kind === 'plain' && typeof value.value === 'string') {
    const { bytes, name } = await readDataFile(value.value, field, context);
    return decodeImage(bytes, { name });
  }
  const isArray = value.kind === 'array';
  throw cannot(
    field,
    `it holds ${isArray ? 'an array' : 'a plain value'}; expected the bytes of an image file.`,
    isArray ? ARRAY_HINT : 'Send the image file itself.',
  );
}

export const loadImage = defineTransform({
  name: 'LoadImage',
  aliases: ['LoadDICOMSeries'],
  group: 'reading and writing',
  summary: 'Decodes an image file, whatever its format.',
  notes:
    'NIfTI, DICOM, MHA, NRRD, PNG, JPEG, TIFF, NPY, told by their first bytes. The field holds the bytes of the file; on a local run with a data folder it may hold a file name. What is an image already passes through. Order of the axes: NIfTI and DICOM volumes are (x, y, z), further ones behind, so one DICOM slice is (column, row, 1); MHA and NRRD are (z, y, x), as in SimpleITK; pictures (PNG, JPEG, TIFF, an X-ray in DICOM) are (row, column), colour ones (row, column, sample); NPY is as stored and has no geometry (the file itself, or an .npy sent for an input that is declared as a file; an array is refused). DICOM pixels may be compressed (RLE, JPEG, lossless JPEG, JPEG-LS, JPEG 2000, the high-throughput form too); a series must be one regular stack; an X-ray, which has no place in the body, becomes a picture. Pixels of MONOCHROME1 (the least value is white, as in many X-rays) stay as they are stored, as pydicom leaves them; SimpleITK turns them over, so a model trained on its values needs ScaleIntensityRange with b_min above b_max here. A TIFF of several pages is refused.',
  params: { fields: fieldsParam('files') },
  example: { fields: ['image'] },
  trace: (ledger, { fields }) => {
    for (const field of fields) {
      const facts = ledger.read(field, ['file', 'image', 'plain']);
      ledger.make(field, { kind: 'image', geometry: facts.kind === 'image' ? facts.geometry : 'maybe' });
    }
  },
  apply: async (fields, params, context) => {
    for (const field of params.fields) {
      const image = await loadImageValue(takeField(fields, field), field, context);
      const pages = Number(image.extra?.pages ?? 1);
      if (pages > 1) throw cannot(field, `it holds a TIFF of ${pages} pages; expected one picture.`);
      fields.set(field, image);
    }
  },
});
