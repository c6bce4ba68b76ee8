import type { IncomingMessage } from 'node:http';
import { EisenError } from '../../errors/error.js';
import type { AccessRecord } from './access-record.js';
import type { ByteLedger } from './byte-ledger.js';
import { asEisenError, errorReply } from './error-reply.js';
import { createRequestId, type Exchange, openExchange, type Route } from './exchange.js';
import type { RequestHandler } from './listener.js';
import type { Reply } from './reply.js';
import { sendReply } from './send-reply.js';

export interface RequestHandlerOptions {
  readonly routes: readonly Route[];
  readonly ledger: ByteLedger;
  readonly isDraining: () => boolean;
  readonly onAccess?: (record: AccessRecord) => void;
  readonly onFault?: (fault: { readonly requestId: string; readonly error: unknown }) => void;
}

/** The reply of the first route that knows the request. Throws ROUTE_NOT_FOUND when none does. */
function dispatch(routes: readonly Route[], exchange: Exchange): Promise<Reply> | Reply {
  for (const route of routes) {
    const reply = route(exchange);
    if (reply !== undefined) return reply;
  }
  throw new EisenError('ROUTE_NOT_FOUND', 'Requested resource is not found, please refer to API document.', {
    found: exchange.target.path.slice(0, 200),
  });
}

function remoteOf(request: IncomingMessage): string {
  const { remoteAddress, remotePort } = request.socket;
  return remoteAddress === undefined ? 'unix' : `${remoteAddress}:${remotePort}`;
}

/** Leads every request of a listener to its reply: whatever is thrown on the way becomes one of the documented errors. */
export function createRequestHandler(options: RequestHandlerOptions): RequestHandler {
  return (request, response, { expectsContinue, onDone }) => {
    const started = performance.now();
    const requestId = createRequestId();
    const hold = options.ledger.open();
    const remote = options.onAccess === undefined ? '' : remoteOf(request);

    response.once('close', () => {
      hold.release();
      onDone();
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
        return await dispatch(options.routes, openExchange({ request, response, requestId, hold, expectsContinue }));
      } catch (error) {
        if (asEisenError(error).code === 'INTERNAL') options.onFault?.({ requestId, error });
        return errorReply(error, requestId);
      }
    };
    void answer().then((reply) =>
      sendReply({
        request,
        response,
        reply,
        options: { requestId, extraHeaders: [], lastOnConnection: options.isDraining() },
      }),
    );
  };
}
