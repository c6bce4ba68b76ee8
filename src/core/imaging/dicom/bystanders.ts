import type { DicomFile } from './dataset.js';
import { dicomError } from './dicom-error.js';
import { readText } from './element-values.js';
import type { NamedBytes } from './named-bytes.js';
import { TAG } from './tags.js';

/** What lies beside a series without being a part of it, by the whole name or by its ending. */
const HARMLESS_NAME =
  /^(?:\..*|dicomdir|thumbs\.db|desktop\.ini|ehthumbs\.db|(?:readme|licen[cs]e|copying|authors|notice|changes|changelog|version|manifest|index|lockfile|checksums?|(?:md5|sha\d+)sums?)(?:\..*)?)$/i;
const HARMLESS_ENDING =
  /\.(?:txt|json|xml|html?|css|js|csv|tsv|md|rtf|docx?|xlsx?|pdf|ya?ml|ini|inf|log|db|exe|dll|bat|sh|md5|sha\d+|png|jpe?g|gif|bmp|tiff?|webp|svg|ico)$/i;
const SLICE_ENDING = /^\.(?:dcm|dicom|dic|ima)$/;
const HINT =
  'A copy that was broken off leaves such a file, and the volume would lack a slice: send the file again, or take it out if it is no slice.';

/** What two names of slices have in common: the ending; none, or a number (as in 1.2.840.113), count as one each. */
function kindOf(name: string): string {
  const ending = /\.[^./]*$/.exec(name)?.[0].toLowerCase() ?? '';
  return /^\.\d+$/.test(ending) ? '.number' : ending;
}

/** True for what is known to lie beside a series, such as DICOMDIR, README, .DS_Store, a text, a picture. */
function isHarmless(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return path.startsWith('__MACOSX/') || HARMLESS_NAME.test(name) || HARMLESS_ENDING.test(name);
}

interface Sorted {
  /** Those that begin as DICOM does. */
  readonly parsed: readonly DicomFile[];
  /** Those of `parsed` with a picture. */
  readonly pictures: readonly DicomFile[];
}

/**
 * Refuses a broken slice among the files that would be passed over: an empty file, one that is no DICOM and is named as
 * the slices are, or one of their kind that ends before its pixels. Throws DICOM_INVALID with the name of the file.
 */
export function checkBystanders(files: readonly NamedBytes[], { parsed, pictures }: Sorted): void {
  const kinds = new Set(pictures.map(({ name }) => kindOf(name)));
  const classes = new Set(pictures.map(({ dataset }) => readText(dataset, TAG.sopClass)));
  const byName = new Map(parsed.map((file) => [file.name, file]));
  const kept = new Set(pictures.map(({ name }) => name));
  for (const { name, bytes } of files) {
    if (kept.has(name) || isHarmless(name)) continue;
    const kind = kindOf(name);
    const sliceName = kinds.has(kind) || SLICE_ENDING.test(kind);
    const dicom = byName.get(name);
    if (bytes.length === 0) throw dicomError(name, 'the file is empty and stands among the slices of a series', HINT);
    if (dicom === undefined && sliceName)
      throw dicomError(
        name,
        `the file is no DICOM (${bytes.length} bytes) and is named as the slices beside it are`,
        HINT,
      );
    if (dicom !== undefined && classes.has(readText(dicom.dataset, TAG.sopClass)))
      throw dicomError(name, 'the file has no pixels and says that it is of the kind of the slices beside it', HINT);
  }
}
