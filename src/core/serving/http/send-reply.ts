import type { IncomingMessage, ServerResponse } from 'node:http';
import { LIMITS } from '../../limits.js';
import { markClosing } from './closing-sockets.js';
import type { Reply } from './reply.js';

/** The headers that stand on every reply; they win over those of a handler. */
const FRAMEWORK_NAMES = new Set([
  'x-request-id',
  'pragma',
  'cache-control',
  'expires',
  'content-length',
  'connection',
  'transfer-encoding',
  'keep-alive',
]);

const NEVER_CACHED = [
  ...['Pragma', 'no-cache'],
  ...['Cache-Control', 'no-cache; no-store, must-revalidate, private'],
  ...['Expires', 'Thu, 01 Jan 1970 00:00:00 UTC'],
];

const UNSAFE_IN_HEADER = /[^\t\x20-\x7e\x80-\xff]/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** A handler's header is sent when it is one; a name or value with a line break must not become a second header. */
function appendHandlerHeaders(flat: string[], headers: Reply['headers']): void {
  for (const [name, value] of headers) {
    if (FRAMEWORK_NAMES.has(name.toLowerCase())) continue;
    if (TOKEN.test(name) && !UNSAFE_IN_HEADER.test(value)) flat.push(name, value);
  }
}

/** Statuses that HTTP gives no body. */
function isBodiless(status: number): boolean {
  return status === 204 || status === 304;
}

function byteLength(pieces: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const piece of pieces) bytes += piece.byteLength;
  return bytes;
}

export interface SendOptions {
  readonly requestId: string;
  /** Headers of the listener itself (CORS). */
  readonly extraHeaders: readonly string[];
  /** The server drains: no connection outlives its reply. */
  readonly lastOnConnection: boolean;
  /** Told why a reply breaks off of which the client has a part already. */
  readonly onCutOff?: (error: unknown) => void;
}

/**
 * Reads and throws away what is left of a refused body, within bounds, so that the client gets to read its reply before
 * the connection ends: a socket that is closed over unread bytes is reset and takes the reply with it.
 */
function discardRest(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0;
  const finish = (isWhole: boolean): void => {
    clearTimeout(timer);
    request.removeAllListeners('data');
    response.end();
    if (!isWhole) request.socket.destroySoon();
  };
  const timer = setTimeout(() => finish(false), LIMITS.httpDiscardMs);
  request.on('data', (piece: Uint8Array) => {
    bytes += piece.byteLength;
    if (bytes > LIMITS.httpDiscardBytes) finish(false);
  });
  request.once('end', () => finish(true)).once('close', () => finish(true));
  request.resume();
}

/** Puts a reply on the wire; the parts of a stream follow as they come. */
export function sendReply(exchange: {
  request: IncomingMessage;
  response: ServerResponse;
  reply: Reply;
  options: SendOptions;
}): void {
  const { request, response, reply, options } = exchange;
  if (response.destroyed || response.headersSent) return;
  const { status } = reply;
  const refusedExpectation =
    request.headers.expect !== undefined && !request.complete && request.readableFlowing !== true;
  const closes = options.lastOnConnection || refusedExpectation || (status >= 400 && !reply.keepsConnection);

  if (closes) markClosing(request.socket);
  const flat: string[] = [];
  appendHandlerHeaders(flat, reply.headers);
  flat.push('x-request-id', options.requestId, ...options.extraHeaders, ...NEVER_CACHED);

  if (reply.stream !== undefined && !isBodiless(status)) {
    if (reply.streamedBytes === undefined) flat.push('transfer-encoding', 'chunked');
    else flat.push('content-length', String(reply.streamedBytes));
    if (closes) flat.push('connection', 'close');
    writeHead(response, reply, flat);
    void sendStream(response, reply.body, reply.stream, options.onCutOff);
    return;
  }
  const hasBody = !isBodiless(status);
  if (hasBody) flat.push('content-length', String(byteLength(reply.body)));
  if (closes) flat.push('connection', 'close');
  writeHead(response, reply, flat);
  // Who was too slow with his body has had his time.
  const isRefusal = !request.complete && !refusedExpectation && status !== 408;
  if (hasBody && request.method !== 'HEAD') {
    const last = reply.body.length - 1;
    for (let at = 0; at < last; at += 1) response.write(reply.body[at]);
    if (last >= 0) {
      if (!isRefusal) {
        response.end(reply.body[last]);
        return;
      }
      response.write(reply.body[last]);
    }
  }
  if (isRefusal) discardRest(request, response);
  else response.end();
}

function writeHead(response: ServerResponse, reply: Reply, flat: string[]): void {
  if (reply.reason === undefined) response.writeHead(reply.status, flat);
  else response.writeHead(reply.status, reply.reason.replace(/[^\t\x20-\x7e]/g, ' '), flat);
}

/** The pieces of one part leave in one system call. */
function writePart(response: ServerResponse, pieces: readonly Uint8Array[]): void {
  response.cork();
  for (const piece of pieces) response.write(piece);
  response.uncork();
}

async function sendStream(
  response: ServerResponse,
  first: readonly Uint8Array[],
  rest: AsyncIterable<readonly Uint8Array[]>,
  onCutOff: SendOptions['onCutOff'],
): Promise<void> {
  try {
    writePart(response, first);
    for await (const pieces of rest) writePart(response, pieces);
    response.end();
  } catch (error) {
    if (!response.destroyed) onCutOff?.(error);
    // The status has left already: the only honest sign of a broken stream is a connection without its last chunk.
    response.destroy();
  }
}
