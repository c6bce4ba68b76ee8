import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '../../errors/table.js';
import type { ApiKind } from '../config/listen-address.js';
import type { AccessRecord } from './access-record.js';
import type { ByteLedger } from './byte-ledger.js';
import { answerPreflight, corsHeaders, isPreflight } from './cors.js';
import { asEisenError, errorReply } from './error-reply.js';
import { createRequestId, type Exchange, openExchange, type Route } from './exchange.js';
import type { Fault } from './fault.js';
import type { RequestHandler } from './listener.js';
import { addErrorField } from './oip/error-field.js';
import { refusePath } from './refusals.js';
import type { Reply } from './reply.js';
import { sendReply } from './send-reply.js';
import type { HttpConfig, TokenGate } from './settings.js';
import { checkToken } from './token-gate.js';

export interface RequestHandlerOptions {
  readonly config: Pick<HttpConfig, 'cors' | 'tokens'>;
  /** Whose token a path needs that no route knows. */
  readonly api: ApiKind;
  readonly routes: readonly Route[];
  /** Where a request belongs that none of these routes knows; undefined for one that belongs nowhere. */
  readonly hintElsewhere?: (exchange: Exchange) => string | undefined;
  readonly ledger: ByteLedger;
  readonly gate: TokenGate | null;
  readonly isDraining: () => boolean;
  readonly bodyMs: number;
  readonly onAnswered: (record: Pick<AccessRecord, 'status'>) => void;
  readonly onAccess?: (record: AccessRecord) => void;
  readonly onFault?: (fault: Fault) => void;
}

/** What the operator must mend, not the client. */
const FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['INTERNAL', 'DISK_FULL']);

/** The reply of the first route that knows the request. Throws ROUTE_NOT_FOUND when none does. */
function dispatch(options: RequestHandlerOptions, exchange: Exchange): Promise<Reply> | Reply {
  if (options.config.cors !== null && isPreflight(exchange)) return answerPreflight();
  for (const route of options.routes) {
    if (route.matches(exchange)) return checkToken(exchange, route, options) ?? route.answer(exchange);
  }
  // Who has no token does not learn which paths there are.
  const refusal = checkToken(exchange, { api: options.api }, options);
  if (refusal !== null) return refusal;
  throw refusePath(exchange.target.path, options.hintElsewhere?.(exchange));
}

function remoteOf(request: IncomingMessage): string {
  const { remoteAddress, remotePort } = request.socket;
  return remoteAddress === undefined ? 'unix' : `${remoteAddress}:${remotePort}`;
}

/** Leads every request of a listener to its reply: whatever is thrown on the way becomes one of the documented errors. */
export function createRequestHandler(options: RequestHandlerOptions): RequestHandler {
  const extraHeaders = corsHeaders(options.config.cors);
  return (request, response, { expectsContinue, onDone }) => {
    const started = performance.now();
    const requestId = createRequestId();
    const hold = options.ledger.open();
    const remote = options.onAccess === undefined ? '' : remoteOf(request);

    response.once('close', () => {
      hold.release();
      onDone();
      options.onAnswered({ status: response.statusCode });
      options.onAccess?.({
        remote,
        method: request.method ?? '',
        target: request.url ?? '',
        protocol: `HTTP/${request.httpVersion}`,
        status: response.statusCode,
        elapsedMs: performance.now() - started,
        requestId,
      });
    });
    response.on('error', () => response.destroy());

    const answer = async (): Promise<Reply> => {
      try {
        return await dispatch(
          options,
          openExchange({ request, response, requestId, hold, expectsContinue, bodyMs: options.bodyMs }),
        );
      } catch (error) {
        if (FAULTS.has(asEisenError(error).code)) options.onFault?.({ requestId, error });
        return errorReply(error, requestId);
      }
    };
    void answer().then((reply) =>
      sendReply({
        request,
        response,
        reply: reply.status >= 400 && request.url?.startsWith('/v2') ? addErrorField(reply) : reply,
        options: {
          requestId,
          extraHeaders,
          lastOnConnection: options.isDraining(),
          onCutOff: (error) => options.onFault?.({ requestId, error, isCutOff: true }),
        },
      }),
    );
  };
}
