import { EisenError } from '../../errors/error.js';

/** A damaged or refused MetaImage or NRRD file. */
export function volumeError(file: string, problem: string, hint?: string): EisenError {
  return new EisenError('IMAGE_FORMAT', `${file}: ${problem}.${hint ? ` ${hint}` : ''}`, { where: file, hint });
}

export interface TextHeader {
  readonly fields: ReadonlyMap<string, string>;
  /** Where the voxels begin. */
  readonly end: number;
}

const MAX_HEADER_BYTES = 64 * 1024;

/**
 * `key = value` lines up to where the data begin: after the line that `isLast` names, or after an empty line. Keys are
 * lower-cased. Throws IMAGE_FORMAT when no end is found within 64 KiB or a line has no key.
 */
export function readTextHeader(
  bytes: Uint8Array,
  {
    file,
    parting,
    isLast,
    skipLines = 0,
    endsWithFile = false,
  }: {
    file: string;
    parting: string;
    isLast: (key: string, value: string) => boolean;
    skipLines?: number;
    /** The end of the file ends the header, too: the data are elsewhere. */
    endsWithFile?: boolean;
  },
): TextHeader {
  const fields = new Map<string, string>();
  let at = 0;
  for (let line = 0; at < Math.min(bytes.length, MAX_HEADER_BYTES); line += 1) {
    const stop = bytes.indexOf(10, at);
    if (stop < 0) break;
    const text = Buffer.from(bytes.subarray(at, stop)).toString('latin1').trimEnd();
    at = stop + 1;
    if (text === '') return { fields, end: at };
    if (line < skipLines || text.startsWith('#')) continue;
    const cut = text.indexOf(parting);
    if (cut <= 0)
      throw volumeError(
        file,
        `line ${line + 1} of the header is ${JSON.stringify(text.slice(0, 60))}; expected 'key ${parting} value'`,
      );
    const key = text.slice(0, cut).trim().toLowerCase();
    const value = text
      .slice(cut + parting.length)
      .replace(/^=/, '')
      .trim();
    fields.set(key, value);
    if (isLast(key, value)) return { fields, end: at };
  }
  if (endsWithFile && at === bytes.length && fields.has('data file')) return { fields, end: at };
  throw volumeError(file, 'the header has no end');
}

/** Numbers parted by spaces or commas. Throws IMAGE_FORMAT unless there are `count` finite ones. */
export function parseNumbers(
  text: string | undefined,
  { count, what, file }: { count: number; what: string; file: string },
): number[] {
  const numbers = (text ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  if (numbers.length === count && numbers.every(Number.isFinite) && text) return numbers;
  throw volumeError(file, `${what} is '${(text ?? '').slice(0, 60)}'; expected ${count} finite numbers`);
}
