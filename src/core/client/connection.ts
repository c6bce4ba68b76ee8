import http from 'node:http';
import https from 'node:https';
import { chooseProxy, type ProxyEnvironment, proxyAuthorization } from './proxy.js';
import { createTunnelAgent } from './tunnel.js';

export interface ConnectionOptions {
  /** PEM text of the certificate authorities to trust instead of the system's. */
  readonly ca?: string | Uint8Array;
  /** Where proxies are named. */
  readonly env: ProxyEnvironment;
}

interface OpenOptions {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** True: on a new socket; the idle ones are given up. */
  readonly fresh: boolean;
}

/** Kept-alive sockets to one server, straight or through a proxy. */
export interface Connection {
  /** `host:port` of the proxy that the requests go through, null when they go straight. */
  readonly proxyHost: string | null;
  open(url: URL, options: OpenOptions): http.ClientRequest;
  close(): void;
}

export function createConnection(server: URL, { ca, env }: ConnectionOptions): Connection {
  const proxy = chooseProxy(server, env);
  const secure = server.protocol === 'https:';
  const trusted = ca === undefined ? {} : { ca: Buffer.from(ca) };
  const makeAgent = (): http.Agent => {
    if (!secure) return new http.Agent({ keepAlive: true });
    return proxy === null ? new https.Agent({ keepAlive: true, ...trusted }) : createTunnelAgent(proxy, ca);
  };
  const agent = makeAgent();
  return {
    proxyHost: proxy?.host ?? null,
    open(url, { method, headers, fresh }) {
      if (fresh) for (const idle of Object.values(agent.freeSockets).flat()) idle?.destroy();
      if (secure) return https.request(url, { method, headers, agent });
      if (proxy === null) return http.request(url, { method, headers, agent });
      const credentials = proxyAuthorization(proxy);
      return http.request({
        host: proxy.hostname.replace(/^\[|\]$/g, ''),
        port: proxy.port || 80,
        method,
        path: url.href,
        agent,
        headers: {
          ...headers,
          host: url.host,
          ...(credentials === null ? {} : { 'proxy-authorization': credentials }),
        },
      });
    },
    close() {
      agent.destroy();
    },
  };
}
