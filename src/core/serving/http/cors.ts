import type { CorsConfig } from '../config/server-config.js';
import type { Exchange } from './exchange.js';
import type { Reply } from './reply.js';

/** The headers that stand on every reply of a server that lets browsers in. */
export function corsHeaders(cors: CorsConfig | null): readonly string[] {
  if (cors === null) return [];
  const headers = ['Access-Control-Allow-Origin', cors.allowedOrigin];
  if (cors.allowedMethods !== null) headers.push('Access-Control-Allow-Methods', cors.allowedMethods);
  if (cors.allowedHeaders !== null) headers.push('Access-Control-Allow-Headers', cors.allowedHeaders);
  // A browser shows a page only the headers that are named here.
  headers.push('Access-Control-Expose-Headers', 'x-request-id');
  if (cors.allowedOrigin !== '*') headers.push('Vary', 'Origin');
  return headers;
}

/** A preflight is an OPTIONS with an origin and the method that the page means to use; any other OPTIONS is no preflight. */
export function isPreflight({ method, request }: Exchange): boolean {
  return (
    method === 'OPTIONS' &&
    request.headers.origin !== undefined &&
    request.headers['access-control-request-method'] !== undefined
  );
}

/** Nothing of the request is looked at but that it is a preflight: it carries no token, and says nothing of models. */
export function answerPreflight(): Reply {
  return { status: 204, headers: [['Access-Control-Max-Age', '600']], body: [] };
}
