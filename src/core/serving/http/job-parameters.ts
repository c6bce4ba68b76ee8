import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';
import type { JobParameter } from '../model-runtime.js';
import { parseBoundary, splitMultipart } from './multipart.js';

/** The type of a content-type header without its parameters. */
export function mimeOf(contentType: string | undefined): string {
  if (contentType === undefined) return '';
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim();
}

function splitUrlencoded(pieces: readonly Uint8Array[]): JobParameter[] {
  const bytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  if (bytes > LIMITS.formUrlencodedBytes) {
    throw new EisenError('LIMIT_EXCEEDED', `The form is larger than ${LIMITS.formUrlencodedBytes} bytes.`, {
      where: 'request body',
      hint: 'Send large values as multipart/form-data or as the bare body.',
    });
  }
  return [...new URLSearchParams(Buffer.concat(pieces).toString('utf8'))].map(([name, value]) => ({
    name,
    contentType: '',
    value: [Buffer.from(value, 'utf8')],
  }));
}

/** Same-name fields: the last one wins. */
function keepLast(parameters: readonly JobParameter[]): JobParameter[] {
  return [...new Map(parameters.map((parameter) => [parameter.name, parameter])).values()];
}

/**
 * The parts that a worker gets: one a field for a form, else one named `body` with the type of the request (empty when
 * it has none). Values point into `pieces`. Throws BODY_UNDECODABLE or LIMIT_EXCEEDED.
 */
export function splitBody(contentType: string | undefined, pieces: readonly Uint8Array[]): JobParameter[] {
  const mime = mimeOf(contentType).toLowerCase();
  if (mime === 'multipart/form-data') {
    return keepLast(splitMultipart(pieces, parseBoundary(contentType ?? '')));
  }
  if (mime === 'application/x-www-form-urlencoded') return keepLast(splitUrlencoded(pieces));
  return [{ name: 'body', contentType: mimeOf(contentType), value: pieces }];
}
