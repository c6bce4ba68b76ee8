import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import { proxyAuthorization } from './proxy.js';

/** An agent whose TLS connections run through a proxy's CONNECT tunnel. `ca` replaces the system's list of authorities. */
export function createTunnelAgent(proxy: URL, ca?: string | Uint8Array): https.Agent {
  const agent = new https.Agent({ keepAlive: true });
  agent.createConnection = (options, callback) => {
    const host = String(options.host ?? 'localhost');
    const authority = `${host}:${String(options.port ?? 443)}`;
    openTunnel(proxy, authority, (error, socket) => {
      if (error !== null || socket === null) {
        // The agent ignores the second argument when there is an error; the types ask for one.
        callback?.(error ?? new Error('the proxy gave no connection'), undefined as never);
        return;
      }
      const secure = tls.connect({ socket, servername: host, ...(ca === undefined ? {} : { ca: Buffer.from(ca) }) });
      callback?.(null, secure);
    });
    return undefined;
  };
  return agent;
}

function openTunnel(proxy: URL, authority: string, done: (error: Error | null, socket: Socket | null) => void): void {
  const credentials = proxyAuthorization(proxy);
  const request = (proxy.protocol === 'https:' ? https : http).request({
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: authority,
    agent: false,
    headers: { host: authority, ...(credentials === null ? {} : { 'proxy-authorization': credentials }) },
  });
  request.once('connect', (response, socket) => {
    if (response.statusCode === 200) {
      done(null, socket as Socket);
      return;
    }
    socket.destroy();
    done(new Error(`the proxy ${proxy.host} answered ${response.statusCode} to CONNECT ${authority}`), null);
  });
  request.once('response', (response) => {
    response.resume();
    done(new Error(`the proxy ${proxy.host} answered ${response.statusCode} to CONNECT ${authority}`), null);
  });
  request.once('error', (error) => done(error, null));
  request.end();
}
