import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiKind } from '../config/listen-address.js';
import type { JobSignal } from '../model-runtime.js';
import type { Hold } from './byte-ledger.js';
import { createClientSignal } from './client-signal.js';
import { checkHeaders } from './header-rules.js';
import type { Reply } from './reply.js';
import { parseTarget, type Target } from './target.js';

/** One request on its way to a reply. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly method: string;
  readonly target: Target;
  readonly hold: Hold;
  /** The client waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean;
  /** How long the body may take before its rate is looked at. */
  readonly bodyMs: number;
  /** Aborted when the client has gone. */
  readonly signal: JobSignal;
}

/** One kind of request and its answer. `matches` looks and does nothing; the first route that matches answers. */
export interface Route {
  /** Whose token the request needs. */
  readonly api: ApiKind;
  /** Open to everyone, token or not. */
  readonly isPublic?: boolean;
  matches(exchange: Exchange): boolean;
  answer(exchange: Exchange): Promise<Reply> | Reply;
}

export function createRequestId(): string {
  return randomUUID();
}

/** Throws HTTP_MALFORMED or HEADERS_TOO_MANY when the request is not one that may be answered. */
export function openExchange(
  parts: Pick<Exchange, 'request' | 'response' | 'requestId' | 'hold' | 'expectsContinue' | 'bodyMs'>,
): Exchange {
  const { request, response, requestId, hold, expectsContinue, bodyMs } = parts;
  checkHeaders(request);
  const target = parseTarget(request.url ?? '/', request.headers.host);
  const signal = createClientSignal(response);
  return {
    request,
    response,
    requestId,
    method: request.method ?? 'GET',
    target,
    hold,
    expectsContinue,
    bodyMs,
    signal,
  };
}
