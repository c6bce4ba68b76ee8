import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';
import type { JobParameter } from '../model-runtime.js';

const FILE_HINT =
  "If a file was meant: curl sends --data-binary as a form unless told otherwise; use -T FILE, or add -H 'Content-Type: application/octet-stream'.";

function malformed(reason: string): EisenError {
  return new EisenError('BODY_UNDECODABLE', `The form cannot be read: ${reason}.`, {
    where: 'request body',
    hint: FILE_HINT,
  });
}

const [PERCENT, PLUS, BLANK] = [0x25, 0x2b, 0x20];

/** Percent escapes as the bytes they name, whatever the encoding of the text is; `+` as a blank. */
function decodeEscapes(raw: Buffer): Buffer {
  if (!raw.includes(PERCENT) && !raw.includes(PLUS)) return raw;
  const bytes = Buffer.allocUnsafe(raw.byteLength);
  let end = 0;
  for (let at = 0; at < raw.byteLength; at += 1) {
    const byte = raw[at]!;
    if (byte !== PERCENT) {
      bytes[end++] = byte === PLUS ? BLANK : byte;
      continue;
    }
    const digits = raw.toString('latin1', at + 1, at + 3);
    if (!/^[0-9a-f]{2}$/i.test(digits)) throw malformed('a percent sign is followed by no two hexadecimal digits');
    bytes[end++] = Number.parseInt(digits, 16);
    at += 2;
  }
  return bytes.subarray(0, end);
}

/** Up to the first line end: `curl --data-binary @file` sends the one at the end of the file. */
function firstLine(body: Buffer): Buffer {
  const end = body.findIndex((byte) => byte === 0x0d || byte === 0x0a);
  return end < 0 ? body : body.subarray(0, end);
}

/**
 * The fields of an application/x-www-form-urlencoded body, their values as bytes. A last field without `=` counts for
 * nothing, as in TorchServe. Throws BODY_UNDECODABLE for a bad escape or a field without a name, LIMIT_EXCEEDED.
 */
export function splitUrlencoded(pieces: readonly Uint8Array[]): JobParameter[] {
  const bytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  if (bytes > LIMITS.formUrlencodedBytes) {
    throw new EisenError('LIMIT_EXCEEDED', `The form is larger than ${LIMITS.formUrlencodedBytes} bytes.`, {
      where: 'request body',
      hint: `Send large values as multipart/form-data or as the bare body. ${FILE_HINT}`,
    });
  }
  const body = Buffer.concat(pieces);
  if (body[0] === 0x1f && body[1] === 0x8b) throw malformed('it is a gzip file and no form');
  const text = firstLine(body);
  const fields: JobParameter[] = [];
  for (let from = 0; from < text.byteLength; ) {
    const mark = text.indexOf('&', from);
    const to = mark < 0 ? text.byteLength : mark;
    const equals = text.subarray(from, to).indexOf('=');
    if (equals < 0 && mark < 0) break;
    const nameEnd = equals < 0 ? to : from + equals;
    if (nameEnd === from) throw malformed('a field has no name');
    fields.push({
      name: decodeEscapes(text.subarray(from, nameEnd)).toString('utf8'),
      contentType: '',
      value: [decodeEscapes(text.subarray(Math.min(nameEnd + 1, to), to))],
    });
    from = to + 1;
  }
  return fields;
}
