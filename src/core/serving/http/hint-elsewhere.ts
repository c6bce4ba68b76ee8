import { type ApiKind, type ListenAddress, renderListenAddress } from '../config/listen-address.js';
import type { Exchange, Route } from './exchange.js';

/** Says on which other listener a request would have been known; undefined when on none. */
export function hintElsewhere(
  exchange: Exchange,
  others: readonly {
    readonly api: ApiKind;
    readonly routes: readonly Route[];
    readonly address: ListenAddress | null;
  }[],
): string | undefined {
  const owner = others.find(({ routes }) => routes.some((route) => route.matches(exchange)));
  if (owner === undefined) return undefined;
  const { api, address } = owner;
  if (address === null) return `This path belongs to the ${api} API, which is switched off in this server.`;
  return `This path belongs to the ${api} API, which listens on ${renderListenAddress(address)}.`;
}
