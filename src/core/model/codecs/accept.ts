import { EisenError } from '../../errors/error.js';

/** The forms that a reply can take. */
export type ReplyForm = 'msgpack' | 'json' | 'nifti' | 'nifti-gz' | 'npy' | 'multipart' | 'file';

const FORMS: ReadonlyMap<string, ReplyForm> = new Map([
  ['application/msgpack', 'msgpack'],
  ['application/x-msgpack', 'msgpack'],
  ['application/vnd.msgpack', 'msgpack'],
  ['application/octet-stream', 'msgpack'],
  ['application/json', 'json'],
  ['application/x-nifti', 'nifti'],
  ['application/x-nifti+gzip', 'nifti-gz'],
  ['application/gzip', 'nifti-gz'],
  ['application/x-gzip', 'nifti-gz'],
  ['application/x-npy', 'npy'],
  ['multipart/mixed', 'multipart'],
  ['multipart/form-data', 'multipart'],
  ['image/png', 'file'],
  ['image/jpeg', 'file'],
  ['image/tiff', 'file'],
]);

export interface Accepted {
  /** null: anything will do. */
  readonly form: ReplyForm | null;
  readonly mime: string;
}

function parseRange(text: string): { mime: string; quality: number } {
  const [mime = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const written = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = written === undefined ? 1 : Number(written.slice(2));
  return { mime, quality: Number.isNaN(quality) ? 1 : quality };
}

function knownRanges(header: string): Accepted[] {
  return header
    .slice(0, 1000)
    .split(',')
    .map(parseRange)
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .flatMap(({ mime }): Accepted[] => {
      if (mime === '*/*' || mime === 'application/*') return [{ form: null, mime }];
      const form = FORMS.get(mime);
      return form === undefined ? [] : [{ form, mime }];
    });
}

/**
 * The forms that an Accept header asks for, most wanted first; no header, an empty one, and a range with a star mean
 * anything. Throws NOT_ACCEPTABLE when it names only types that no reply has.
 */
export function parseAccept(header: string | undefined): Accepted[] {
  if (header === undefined || header.trim() === '' || header === '*/*') return [{ form: null, mime: '*/*' }];
  const wanted = knownRanges(header);
  if (wanted.length > 0) return wanted;
  throw new EisenError('NOT_ACCEPTABLE', `No reply has the type ${header.slice(0, 100)}.`, {
    where: 'Accept',
    expected: [...FORMS.keys()].join(', '),
    found: header.slice(0, 100),
  });
}

const DICTIONARY_FORMS: ReadonlySet<ReplyForm | null> = new Set([null, 'msgpack', 'json']);

/** True for a header that takes volumes, arrays or parts only: metadata in their place would be saved as one of them. */
export function takesFilesOnly(header: string | undefined): boolean {
  const wanted = knownRanges(header ?? '');
  return wanted.length > 0 && wanted.every(({ form }) => !DICTIONARY_FORMS.has(form));
}
