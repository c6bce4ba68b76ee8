import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';

/** One part of a multipart body; `value` points into the pieces of the body. */
export interface FormPart {
  readonly name: string;
  readonly fileName?: string;
  /** Empty when the part names none. */
  readonly contentType: string;
  readonly value: readonly Uint8Array[];
}

function malformed(reason: string): EisenError {
  return new EisenError('BODY_UNDECODABLE', `The multipart body is damaged: ${reason}.`, { where: 'request body' });
}

/** A list of pieces read as one row of bytes. */
function createSpan(pieces: readonly Uint8Array[]) {
  const starts: number[] = [];
  let total = 0;
  for (const piece of pieces) {
    starts.push(total);
    total += piece.byteLength;
  }
  const slice = (from: number, to: number): Uint8Array[] => {
    const found: Uint8Array[] = [];
    for (let at = 0; at < pieces.length; at += 1) {
      const start = starts[at]!;
      const end = start + pieces[at]!.byteLength;
      if (end <= from) continue;
      if (start >= to) break;
      found.push(pieces[at]!.subarray(Math.max(0, from - start), Math.min(end, to) - start));
    }
    return found;
  };
  const read = (from: number, to: number): Buffer => Buffer.concat(slice(from, Math.min(to, total)));

  /** Where `needle` next stands at or after `from`; also where it lies across the seam of two or more pieces. */
  const indexOf = (needle: Buffer, from: number): number => {
    for (let at = 0; at < pieces.length; at += 1) {
      const start = starts[at]!;
      const piece = pieces[at]!;
      const end = start + piece.byteLength;
      if (end <= from) continue;
      const view = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      const inside = view.indexOf(needle, Math.max(0, from - start));
      if (inside >= 0) return start + inside;
      const seam = Math.max(from, end - needle.length + 1);
      const across = read(seam, end + needle.length - 1).indexOf(needle);
      if (across >= 0) return seam + across;
    }
    return -1;
  };
  return { total, slice, read, indexOf };
}

const PARAMETER = /;\s*([a-z*]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/gi;

/** The parameters of a header value, names in lower case. A backslash quotes only `"` and itself: browsers send Windows paths raw. */
export function parseHeaderParameters(value: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const match of value.matchAll(PARAMETER)) {
    const text = match[2] === undefined ? match[3]! : match[2].replace(/\\(["\\])/g, '$1');
    found.set(match[1]!.toLowerCase(), text);
  }
  return found;
}

function parsePartHeaders(text: string): Omit<FormPart, 'value'> {
  let disposition = '';
  let contentType = '';
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const key = line.slice(0, colon).trim().toLowerCase();
    if (key === 'content-disposition') disposition = line.slice(colon + 1);
    if (key === 'content-type') contentType = line.slice(colon + 1).trim();
  }
  const parameters = parseHeaderParameters(disposition);
  const name = parameters.get('name');
  if (name === undefined) throw malformed('a part has no name in its Content-Disposition');
  return { name, contentType, fileName: parameters.get('filename') };
}

export function hasBoundary(contentType: string): boolean {
  return parseHeaderParameters(contentType).has('boundary');
}

/** The boundary that a multipart content type names. Throws BODY_UNDECODABLE when it names none of a legal length. */
export function parseBoundary(contentType: string): string {
  const boundary = parseHeaderParameters(contentType).get('boundary') ?? '';
  if (boundary.length === 0 || boundary.length > 70)
    throw malformed('its content type names no boundary of 1 to 70 signs');
  return boundary;
}

/** Splits a multipart body into its parts without copying their values. Throws BODY_UNDECODABLE or LIMIT_EXCEEDED. */
export function splitMultipart(pieces: readonly Uint8Array[], boundary: string): FormPart[] {
  const span = createSpan(pieces);
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  const opening = delimiter.subarray(2);
  let at = span.read(0, opening.length).equals(opening) ? 0 : span.indexOf(delimiter, 0) + 2;
  if (at === 1) throw malformed('the boundary does not appear in it');
  at += opening.length;

  const parts: FormPart[] = [];
  for (;;) {
    const mark = span.read(at, at + 2).toString('latin1');
    if (mark === '--') return parts;
    const lineEnd = span.indexOf(Buffer.from('\r\n'), at);
    if (lineEnd < 0 || span.read(at, lineEnd).toString('latin1').trim() !== '')
      throw malformed('it ends inside a boundary');
    if (parts.length === LIMITS.formFields) {
      throw new EisenError('LIMIT_EXCEEDED', `The form has more than ${LIMITS.formFields} parts.`, {
        where: 'request body',
      });
    }
    const head = span.read(lineEnd, lineEnd + LIMITS.formHeaderBytes);
    const headEnd = head.indexOf('\r\n\r\n');
    if (headEnd < 0) throw malformed(`the headers of a part do not end within ${LIMITS.formHeaderBytes} bytes`);
    const from = lineEnd + headEnd + 4;
    // The empty value starts right at the line break that belongs to the delimiter.
    const to = span.indexOf(delimiter, from - 2);
    if (to < 0) throw malformed('the last boundary is missing');
    parts.push({ ...parsePartHeaders(head.toString('utf8', 2, headEnd)), value: span.slice(from, Math.max(from, to)) });
    at = to + delimiter.length;
  }
}
