import type { IncomingMessage } from 'node:http';
import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';

/**
 * What the parser of Node lets through though it must not be: a second Host, a missing Host in HTTP/1.1, and more
 * headers than it was told to keep (it cuts silently). Throws HTTP_MALFORMED or HEADERS_TOO_MANY.
 */
export function checkHeaders(request: Pick<IncomingMessage, 'rawHeaders' | 'httpVersionMinor'>): void {
  const raw = request.rawHeaders;
  if (raw.length > 2 * LIMITS.requestHeaders) {
    throw new EisenError('HEADERS_TOO_MANY', 'Invalid HTTP message. There are too many headers.', {
      where: 'request headers',
      expected: `at most ${LIMITS.requestHeaders}`,
    });
  }
  let hosts = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1 || (hosts === 0 && request.httpVersionMinor >= 1)) {
    throw new EisenError('HTTP_MALFORMED', 'Invalid HTTP message. Exactly one Host header is needed.', {
      where: 'request headers',
      expected: 'one Host',
      found: String(hosts),
    });
  }
}
