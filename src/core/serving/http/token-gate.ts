import type { IncomingMessage } from 'node:http';
import { EisenError } from '../../errors/error.js';
import { errorReply } from './error-reply.js';
import type { Exchange, Route } from './exchange.js';
import type { Reply } from './reply.js';
import type { HttpConfig, TokenGate } from './settings.js';

/** Every Authorization header of a request, so that a second one cannot hide behind the first. */
function authorizationHeaders({ rawHeaders }: IncomingMessage): string[] {
  const found: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]!.toLowerCase() === 'authorization') found.push(rawHeaders[at + 1]!);
  }
  return found;
}

interface Refusal {
  readonly verb: 'Authorization' | 'Authentication';
  readonly status: 400 | 401;
  /** Which token would have passed. */
  readonly wanted: 'inference' | 'management' | 'API';
  /** The operator gave it; it stands in no file. */
  readonly isFixed: boolean;
}

function describeHeaders(headers: readonly string[]): string {
  if (headers.length === 0) return 'none was sent';
  if (headers.length > 1) return `${headers.length} Authorization headers were sent`;
  return 'the one that was sent is of another kind, expired or wrong';
}

function refuse(exchange: Exchange, { verb, status, wanted, isFixed }: Refusal): Reply {
  const message = `Token ${verb} failed. Token either incorrect, expired, or not provided correctly`;
  const place = isFixed ? 'the operator' : 'key_file.json';
  const hint = `This path takes the ${wanted} token of ${place}, as 'Authorization: Bearer TOKEN'; ${describeHeaders(authorizationHeaders(exchange.request))}.`;
  const reply = errorReply(new EisenError('TOKEN_REFUSED', message, { hint }), exchange.requestId, {
    asStatus: status,
  });
  return status === 401 ? { ...reply, headers: [...reply.headers, ['www-authenticate', 'Bearer']] } : reply;
}

/** Null when the request may pass; else the refusal. */
export function checkToken(
  exchange: Exchange,
  route: Pick<Route, 'api' | 'isPublic'>,
  options: { readonly config: Pick<HttpConfig, 'tokens'>; readonly gate: TokenGate | null },
): Reply | null {
  const { config, gate } = options;
  if (gate === null || route.isPublic || !config.tokens.required[route.api]) return null;
  const kind = route.api === 'management' ? 'management' : 'inference';
  if (gate.check(kind, authorizationHeaders(exchange.request))) return null;
  const { failureStatus: status, fixed } = config.tokens;
  return refuse(exchange, { verb: 'Authorization', status, wanted: kind, isFixed: fixed[kind] !== null });
}

/** `GET /token?type=inference|management` with the API token: a new token is written to the key file, none is sent. */
export function createTokenRoute(options: {
  readonly config: Pick<HttpConfig, 'tokens'>;
  readonly gate: TokenGate;
}): Route {
  const { config, gate } = options;
  return {
    api: 'management',
    isPublic: true,
    matches: ({ target }) => target.path === '/token',
    async answer(exchange) {
      const type = exchange.target.query.get('type');
      const isKnown = type === 'inference' || type === 'management';
      if (!gate.check('API', authorizationHeaders(exchange.request)) || !isKnown) {
        const { failureStatus: status } = config.tokens;
        return refuse(exchange, { verb: 'Authentication', status, wanted: 'API', isFixed: false });
      }
      await gate.rotate(type);
      return { status: 200, headers: [['content-type', 'application/json']], body: [Buffer.from('\n')] };
    },
  };
}
