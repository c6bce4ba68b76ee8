import { chmodSync, unlinkSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { LIMITS } from '../../limits.js';
import type { ListenAddress } from '../config/listen-address.js';
import { isClosing } from './closing-sockets.js';
import { type Connections, watchConnections } from './connections.js';
import { describeParserError, refuseRaw } from './raw-refusal.js';
import type { TlsMaterial } from './settings.js';

export type RequestHandler = (
  request: http.IncomingMessage,
  response: http.ServerResponse,
  facts: { readonly expectsContinue: boolean; readonly onDone: () => void },
) => void;

export interface Listener {
  readonly address: ListenAddress;
  /**
   * Stops listening, ends idle connections at once and all others after `graceMs`. Resolves when the last is gone, to the number
   * of requests that were cut off. May be called again with a shorter grace.
   */
  stop(graceMs: number): Promise<number>;
  reloadTls(material: TlsMaterial): void;
}

const SERVER_OPTIONS: http.ServerOptions = {
  insecureHTTPParser: false,
  // Checked by checkHeaders, which answers with a body that tells.
  requireHostHeader: false,
  // The body has a deadline of its own that grows with the bytes received; see collectPieces.
  requestTimeout: 0,
  keepAliveTimeout: LIMITS.httpKeepAliveMs,
  connectionsCheckingInterval: 500,
  keepAlive: true,
  noDelay: true,
};

function createServer(address: ListenAddress, tls: TlsMaterial | null): http.Server | https.Server {
  if (address.kind === 'tcp' && address.tls) {
    return https.createServer({ ...SERVER_OPTIONS, ...tls, minVersion: 'TLSv1.2' });
  }
  return http.createServer(SERVER_OPTIONS);
}

function attach(server: http.Server, handle: RequestHandler, connections: Connections): void {
  const onRequest =
    (expectsContinue: boolean) =>
    (request: http.IncomingMessage, response: http.ServerResponse): void => {
      handle(request, response, { expectsContinue, onDone: connections.markBusy(request.socket) });
    };
  server.on('request', onRequest(false));
  server.on('checkContinue', onRequest(true));
  server.on('clientError', (error: NodeJS.ErrnoException, duplex) => {
    const socket = duplex as Socket;
    if (isClosing(socket)) return;
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else refuseRaw(socket, describeParserError(error.code));
  });
  // Without a listener Node hands an upgraded socket to nobody; the request is then answered as if it had not asked.
  server.maxHeadersCount = LIMITS.requestHeaders + 1;
  server.maxRequestsPerSocket = LIMITS.httpRequestsPerSocket;
}

function listen(server: http.Server, address: ListenAddress): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const onListening = (): void => {
      server.off('error', reject);
      if (address.kind === 'unix') {
        chmodSync(address.path, 0o600);
        resolve(address);
      } else resolve({ ...address, port: (server.address() as AddressInfo).port });
    };
    if (address.kind === 'unix') server.listen(address.path, onListening);
    else server.listen({ host: address.host, port: address.port, backlog: 1024 }, onListening);
  });
}

/** Opens one listener. Rejects with the error of the system when the address cannot be bound. */
export async function startListener(options: {
  readonly address: ListenAddress;
  readonly tls: TlsMaterial | null;
  readonly maxConnections: number;
  readonly headersMs: number;
  readonly handle: RequestHandler;
}): Promise<Listener> {
  const server = createServer(options.address, options.tls);
  server.maxConnections = options.maxConnections;
  server.headersTimeout = options.headersMs;
  const connections = watchConnections(server);
  attach(server, options.handle, connections);
  const address = await listen(server, options.address);
  let ending: Promise<number> | null = null;
  let cut = 0;
  const force = (): void => {
    cut += connections.busyCount;
    server.closeAllConnections();
  };
  const end = (graceMs: number): Promise<number> =>
    new Promise((resolve) => {
      const timer = setTimeout(force, graceMs);
      connections.endIdle();
      server.close(() => {
        clearTimeout(timer);
        connections.stop();
        if (address.kind === 'unix') removeSocketFile(address.path);
        resolve(cut);
      });
      server.closeIdleConnections();
    });
  return {
    address,
    stop(graceMs) {
      // Called again while it ends: a shorter grace counts from now.
      if (ending !== null) setTimeout(force, graceMs).unref();
      ending ??= end(graceMs);
      return ending;
    },
    reloadTls(material) {
      if (server instanceof https.Server) server.setSecureContext({ ...material, minVersion: 'TLSv1.2' });
    },
  };
}

function removeSocketFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Node has removed it already.
  }
}
