import type { ImageValue } from '../../tensor/value.js';
import type { DicomFile } from './dataset.js';
import { unsupportedError } from './dicom-error.js';
import { readDecimals, readText } from './element-values.js';
import { readPixelArray } from './pixels.js';
import { TAG } from './tags.js';

/**
 * A file without a place in the body, such as an X-ray or a photograph: the stored values as a picture of form `pil`, axes
 * ([frame,] row, column[, sample]), with the file's rescaling and without geometry. Colours must be RGB once decoded; a
 * palette picture gives its indices. Throws DICOM_UNSUPPORTED for other colours, else as readPixelArray.
 */
export async function readPicture(file: DicomFile, about: Readonly<Record<string, unknown>>): Promise<ImageValue> {
  const mode = readText(file.dataset, TAG.photometric) ?? '';
  const array = await readPixelArray(file);
  if (mode.startsWith('YBR_FULL') && !isConverted(file)) {
    throw unsupportedError(
      file.name,
      `the colours are ${mode}`,
      'Convert it to RGB first, for example with dcmdjpeg or gdcmimg.',
    );
  }
  const [slope, intercept] = [TAG.slope, TAG.intercept].map((tag, n) => {
    return readDecimals(file.dataset, tag, { count: 1, file })?.[0] ?? 1 - n;
  }) as [number, number];
  const scaling = slope === 1 && intercept === 0 ? undefined : { slope, intercept };
  return { kind: 'image', form: 'pil', array, scaling, extra: { ...about, mode } };
}

/** JPEG baseline and extended come out of the decoder as RGB. */
function isConverted({ transferSyntax }: DicomFile): boolean {
  return /\.4\.5[01]$/.test(transferSyntax);
}
