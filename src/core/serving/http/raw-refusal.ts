import type { Socket } from 'node:net';
import { EisenError } from '../../errors/error.js';
import { errorBody } from './error-reply.js';
import { createRequestId } from './exchange.js';
import { renderJson } from './reply.js';

const PHRASES: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  431: 'Request Header Fields Too Large',
};

/** What the parser of Node found wrong, in our words. */
export function describeParserError(code: string | undefined): EisenError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new EisenError('HEADERS_TOO_MANY', 'Invalid HTTP message. The headers are too long.', { found: code });
  }
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') {
    return new EisenError('LIMIT_EXCEEDED', 'Invalid HTTP message. A chunk extension is too long.', { found: code });
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new EisenError('REQUEST_TIMEOUT', 'The request headers came too slowly.', { found: code });
  }
  return new EisenError('HTTP_MALFORMED', 'Invalid HTTP message.', { found: code });
}

/** Answers on a socket whose request never became one, and ends it: what follows on it cannot be told apart any more. */
export function refuseRaw(socket: Socket, error: EisenError): void {
  const requestId = createRequestId();
  const status = error.httpStatus;
  const body = renderJson(errorBody(error, requestId));
  const head = [
    `HTTP/1.1 ${status} ${PHRASES[status] ?? 'Bad Request'}`,
    'content-type: application/json',
    `x-request-id: ${requestId}`,
    'Pragma: no-cache',
    'Cache-Control: no-cache; no-store, must-revalidate, private',
    'Expires: Thu, 01 Jan 1970 00:00:00 UTC',
    `content-length: ${body.byteLength}`,
    'connection: close',
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body]));
  setTimeout(() => socket.destroy(), 1000).unref();
}
