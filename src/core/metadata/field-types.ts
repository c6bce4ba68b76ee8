/** `type` values that stand for an array; they are synonyms. */
export const ARRAY_TYPES: readonly string[] = ['ndarray', 'np.ndarray', 'nd.array'];

/** `type` values of ours: the field travels as the bytes of a file and the server decodes it. */
export const FILE_TYPES: readonly string[] = ['nifti', 'dicom', 'image'];

/** `type` values that travel as they are. */
export const PLAIN_TYPES: readonly string[] = ['str', 'list', 'json'];

export const KNOWN_TYPES: readonly string[] = [...ARRAY_TYPES, ...PLAIN_TYPES, ...FILE_TYPES];

const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ['array', 'ndarray'],
  ['numpy.ndarray', 'ndarray'],
  ['tensor', 'ndarray'],
  ['string', 'str'],
  ['text', 'str'],
  ['nii', 'nifti'],
  ['nii.gz', 'nifti'],
  ['dict', 'json'],
  ['object', 'json'],
  ['dcm', 'dicom'],
  ['png', 'image'],
]);

/** The type that other tools call by this word, if any. */
export function meantType(word: string): string | undefined {
  return OTHER_WORDS.get(word.toLowerCase());
}
