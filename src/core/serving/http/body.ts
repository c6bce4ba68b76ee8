import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';
import { afterParsing } from './after-parsing.js';
import type { Exchange } from './exchange.js';
import { clientGone, collectPieces } from './pieces.js';

function tooLarge(limitBytes: number, found: string): EisenError {
  return new EisenError(
    'LIMIT_EXCEEDED',
    `The request body is larger than ${limitBytes} bytes, the limit set by max_request_size.`,
    { where: 'request body', expected: `at most ${limitBytes} bytes`, found },
  );
}

/** The length that the client declares, or null for a chunked body. Node has refused anything that is no number. */
function declaredBytes(exchange: Exchange): number | null {
  const { headers } = exchange.request;
  if (headers['transfer-encoding'] !== undefined) return null;
  return headers['content-length'] === undefined ? 0 : Number(headers['content-length']);
}

type Inflater = () => NodeJS.ReadWriteStream & Readable;

const INFLATERS = new Map<string, Inflater>([
  ['gzip', () => createGunzip({ chunkSize: 65_536 })],
  ['x-gzip', () => createGunzip({ chunkSize: 65_536 })],
  ['deflate', () => createInflate({ chunkSize: 65_536 })],
]);

function chooseInflater(exchange: Exchange): Inflater | null {
  const encoding = (exchange.request.headers['content-encoding'] ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return null;
  const inflater = INFLATERS.get(encoding);
  if (inflater !== undefined) return inflater;
  throw new EisenError('ENCODING_UNSUPPORTED', `Content-Encoding ${encoding.slice(0, 40)} is not known.`, {
    where: 'content-encoding',
    expected: 'gzip, deflate or identity',
    found: encoding.slice(0, 40),
  });
}

/** What a socket gives at once; a longer body cannot come together with its head. */
const SOCKET_READ_BYTES = 65_536;

/**
 * The body when all of it came together with the head, as small ones do: it needs no listener and no deadline. Null when more is
 * to come. Throws CANCELLED.
 */
async function takeWhole(request: IncomingMessage): Promise<Uint8Array[] | null> {
  await afterParsing();
  if (request.destroyed) throw clientGone();
  if (!request.complete) return null;
  const piece = request.read() as Uint8Array | null;
  return piece === null ? [] : [piece];
}

/**
 * Reads the body in the pieces in which it arrives; nothing is joined. Everything that the headers tell is judged before
 * the first byte is read. Throws LIMIT_EXCEEDED, OVERLOADED, ENCODING_UNSUPPORTED, HTTP_MALFORMED, REQUEST_TIMEOUT, CANCELLED.
 */
export async function readBody(exchange: Exchange, limitBytes: number): Promise<Uint8Array[]> {
  const { bodyMs } = exchange;
  const declared = declaredBytes(exchange);
  const createInflater = chooseInflater(exchange);
  if (declared !== null && declared > limitBytes) throw tooLarge(limitBytes, `${declared} bytes declared`);
  if (declared === 0) return [];
  exchange.hold.grow(declared ?? 0);
  if (exchange.expectsContinue) exchange.response.writeContinue();

  let received = 0;
  let chunks = 0;
  const onReceived = (bytes: number): void => {
    received += bytes;
    chunks += 1;
    if (declared !== null) return;
    if (received > limitBytes) throw tooLarge(limitBytes, `more than ${limitBytes} bytes received`);
    if (chunks > Math.max(LIMITS.requestChunks, received / 1024)) {
      throw new EisenError('HTTP_MALFORMED', 'Invalid HTTP message. The body comes in too many chunks.', {
        where: 'request body',
        expected: `at most ${LIMITS.requestChunks} chunks`,
      });
    }
    exchange.hold.grow(bytes);
  };
  if (createInflater === null) {
    const pieces = (declared ?? 0) <= SOCKET_READ_BYTES ? await takeWhole(exchange.request) : null;
    if (pieces === null) return collectPieces(exchange.request, { onPiece: onReceived, bodyMs });
    for (const piece of pieces) onReceived(piece.byteLength);
    return pieces;
  }

  let inflated = 0;
  const onInflated = (bytes: number): void => {
    inflated += bytes;
    if (inflated > limitBytes) throw tooLarge(limitBytes, `more than ${limitBytes} bytes after inflating`);
    if (inflated > 1024 * 1024 && inflated > received * LIMITS.inflateRatio) {
      throw new EisenError('LIMIT_EXCEEDED', `The request body inflates more than ${LIMITS.inflateRatio} times.`, {
        where: 'request body',
      });
    }
    exchange.hold.grow(bytes);
  };
  return collectPieces(exchange.request, { onPiece: onReceived, bodyMs, through: createInflater(), onInflated });
}
