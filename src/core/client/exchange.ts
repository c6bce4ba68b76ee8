import type http from 'node:http';
import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import type { Connection } from './connection.js';
import { explainNetworkError } from './explain-network-error.js';
import { readReplyBody } from './reply-body.js';

export interface ClientRequest {
  readonly method: 'GET' | 'POST' | 'OPTIONS';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Written one after the other as they are, never joined. */
  readonly body?: readonly Uint8Array[];
  /** From the first byte sent to the last byte of the reply. */
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface ClientReply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/**
 * One request and its reply, whatever its status. When a kept-alive socket turns out to be closed before a byte of the reply,
 * the request is sent once more on a new one: servers close idle sockets at any moment, and a prediction changes nothing.
 *
 * @throws SERVER_UNREACHABLE, SERVER_FAILED (the connection broke off), SERVER_TIMEOUT, CANCELLED, LIMIT_EXCEEDED.
 */
export async function exchange(connection: Connection, request: ClientRequest): Promise<ClientReply> {
  const first = await attempt(connection, request);
  if (first !== 'stale') return first;
  const second = await attempt(connection, request, { fresh: true });
  if (second !== 'stale') return second;
  throw new EisenError('SERVER_FAILED', `${request.url.host}: the connection ended before the server answered.`);
}

function attempt(
  connection: Connection,
  request: ClientRequest,
  { fresh = false } = {},
): Promise<ClientReply | 'stale'> {
  const { url, signal } = request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(cancelled());
      return;
    }
    const bytes = (request.body ?? []).reduce((sum, piece) => sum + piece.byteLength, 0);
    const outgoing = connection.open(url, {
      method: request.method,
      headers: { ...request.headers, 'content-length': String(bytes) },
      fresh,
    });
    let answered = false;
    const stop = (error: EisenError): void => {
      settle(() => reject(error));
      outgoing.destroy();
    };
    const deadline = setTimeout(() => stop(late(url, request.timeoutMs)), request.timeoutMs);
    let connecting: NodeJS.Timeout | undefined;
    const onAbort = (): void => stop(cancelled());
    signal?.addEventListener('abort', onAbort, { once: true });
    let settled = false;
    const settle = (finish: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(deadline);
      clearTimeout(connecting);
      signal?.removeEventListener('abort', onAbort);
      finish();
    };
    connecting = setTimeout(() => {
      const message = `${url.host}: no connection within ${renderTime(request.connectTimeoutMs)}.`;
      stop(new EisenError('SERVER_UNREACHABLE', message, { where: url.host, hint: 'Is the address right?' }));
    }, request.connectTimeoutMs);
    outgoing.once('socket', (socket) => {
      if (!socket.connecting) clearTimeout(connecting);
      else socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => clearTimeout(connecting));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const broken = error.code === 'ECONNRESET' || error.code === 'EPIPE';
      if (broken && outgoing.reusedSocket && !answered && !fresh) settle(() => resolve('stale'));
      else settle(() => reject(explainNetworkError(error, { url, proxyHost: connection.proxyHost })));
    });
    outgoing.once('response', (incoming) => {
      answered = true;
      readReplyBody(incoming, LIMITS.replyBytes).then(
        (body) => settle(() => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body })),
        (error: unknown) => {
          settle(() =>
            reject(
              error instanceof EisenError
                ? error
                : explainNetworkError(error as Error, { url, proxyHost: connection.proxyHost, answered }),
            ),
          );
          outgoing.destroy();
        },
      );
    });
    outgoing.cork();
    for (const piece of request.body ?? []) outgoing.write(piece);
    outgoing.end();
    outgoing.uncork();
  });
}

function renderTime(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}

function cancelled(): EisenError {
  return new EisenError('CANCELLED', 'the request was cancelled before the server had answered.');
}

function late(url: URL, timeoutMs: number): EisenError {
  return new EisenError('SERVER_TIMEOUT', `${url.host}: no whole reply within ${renderTime(timeoutMs)}.`, {
    where: url.host,
    hint: 'Give it more time (timeoutMs, --timeout), or see in the log of the server what holds it up.',
  });
}
