import { EisenError } from '../../core/errors/error.js';
import { decodeImage } from '../../core/imaging/decode-image.js';
import { readNifti } from '../../core/imaging/nifti/read.js';
import { renderOverlay } from '../../core/imaging/overlay.js';
import { encodePng } from '../../core/imaging/png.js';
import { readScaledValues } from '../../core/imaging/scaled.js';
import type { Fields, FileValue } from '../../core/tensor/value.js';
import type { OutputPart } from './output-parts.js';
import { OVERLAY_NAME } from './output-plan.js';

/** Millimetres: a file keeps its affine in float32. */
const AFFINE_TOLERANCE = 1e-3;

/** The first volume of the reply over the only volume that went in: three planes, as a PNG. Throws NOT_ACCEPTABLE. */
export async function drawOverlay(parts: readonly OutputPart[], fields: Fields): Promise<OutputPart> {
  const part = parts.find(({ contentType }) => contentType.startsWith('application/x-nifti'));
  if (part === undefined) {
    throw refuse('no output came as a volume', 'Ask for .nii.gz in the same call; the chain must end with WriteNifti.');
  }
  const labels = readNifti({ bytes: Buffer.concat(part.pieces), name: part.name });
  const files = [...fields.values()].filter((value): value is FileValue => value.kind === 'file');
  const matching = [];
  for (const { bytes, name } of files) {
    const image = await decodeImage(bytes, { name: name ?? 'input' });
    const { shape } = image.array;
    if (shape.join() === labels.array.shape.join() && sameAffine(image.geometry?.affine, labels.geometry?.affine)) {
      matching.push(image);
    }
  }
  const [image] = matching;
  if (image === undefined || labels.array.shape.length !== 3 || labels.geometry === undefined) {
    const shape = labels.array.shape.join('×');
    throw refuse(
      `'${part.name}' (${shape}) does not lie on the three-axis grid of an input`,
      'Put RestoreGeometry and WriteNifti at the end of the post-processing chain.',
    );
  }
  const picture = renderOverlay({
    image: readScaledValues(image),
    labels: readScaledValues(labels),
    affine: labels.geometry.affine,
  });
  return { name: OVERLAY_NAME, contentType: 'image/png', pieces: [encodePng(picture)] };
}

function sameAffine(a: readonly number[] | undefined, b: readonly number[] | undefined): boolean {
  return a !== undefined && b !== undefined && a.every((value, n) => Math.abs(value - b[n]!) <= AFFINE_TOLERANCE);
}

function refuse(what: string, hint: string): EisenError {
  return new EisenError('NOT_ACCEPTABLE', `--overlay: ${what}.`, { where: '--overlay', hint });
}
