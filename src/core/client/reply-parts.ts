import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';

/** One output of a prediction as the bytes of a file. */
export interface ReplyPart {
  /** '' in a reply of one unnamed part. */
  readonly name: string;
  /** Without parameters, lower case; '' when the server named none. */
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** The parts of a reply: those of a multipart body by name, else the whole body as one. Views on the body, no copies. */
export function readReplyParts(contentTypeHeader: string, body: Uint8Array): ReplyPart[] {
  const [contentType, ...parameters] = contentTypeHeader.split(';').map((part) => part.trim());
  if (!contentType!.toLowerCase().startsWith('multipart/')) {
    return [{ name: '', contentType: contentType!.toLowerCase(), bytes: body }];
  }
  const boundary = parameters.map((part) => /^boundary="?([^"]{1,70})"?$/i.exec(part)?.[1]).find((found) => found);
  if (boundary === undefined) throw broken('names no boundary');
  return splitParts(Buffer.from(body.buffer, body.byteOffset, body.byteLength), boundary);
}

function splitParts(body: Buffer, boundary: string): ReplyPart[] {
  const parts: ReplyPart[] = [];
  const opening = Buffer.from(`--${boundary}`);
  const closing = Buffer.from(`\r\n--${boundary}`);
  let at = body.indexOf(opening);
  if (at < 0) throw broken('holds no boundary');
  at += opening.length;
  while (body.toString('latin1', at, at + 2) !== '--') {
    if (parts.length >= LIMITS.msgpackMapKeys) throw broken('has too many parts');
    const headersEnd = body.indexOf('\r\n\r\n', at);
    const end = headersEnd < 0 ? -1 : findDelimiter(body, closing, headersEnd + 2);
    if (end < 0) throw broken('is cut off');
    const headers = body.toString('utf8', at, headersEnd);
    parts.push({
      name: /\bname="([^"\r\n]*)"/i.exec(headers)?.[1] ?? '',
      contentType: /^content-type:\s*([^;\r\n]+)/im.exec(headers)?.[1]?.trim().toLowerCase() ?? '',
      bytes: body.subarray(headersEnd + 4, end),
    });
    at = end + closing.length;
  }
  return parts;
}

/** A boundary counts only when its line, or the body, ends behind it: content may hold longer words that begin like it. */
function findDelimiter(body: Buffer, delimiter: Buffer, from: number): number {
  for (let at = body.indexOf(delimiter, from); at >= 0; at = body.indexOf(delimiter, at + 1)) {
    const after = body.toString('latin1', at + delimiter.length, at + delimiter.length + 2);
    if (after === '\r\n' || after === '--') return at;
  }
  return -1;
}

function broken(what: string): EisenError {
  return new EisenError('BODY_UNDECODABLE', `the multipart reply ${what}.`);
}
