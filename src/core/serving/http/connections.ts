import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { LIMITS } from '../../limits.js';

interface Connection {
  readonly address: string;
  /** Null while a request is being answered. */
  idleSince: number | null;
}

export interface Connections {
  /** A request began on the socket; call the result when its reply has ended. */
  markBusy(socket: Socket): () => void;
  /** Requests that are being answered now. */
  readonly busyCount: number;
  /** From now on a socket ends as soon as no request is being answered on it, silent and half-sent ones included. */
  endIdle(): void;
  stop(): void;
}

/** How long a socket may be silent while the server drains: time for a request that is on its way already. */
const DRAIN_SILENCE_MS = 200;

/** Which sockets to close: of each client, those that were idle longest, beyond the number it may keep. Pure. */
export function chooseIdleToClose<Key>(
  connections: Iterable<readonly [Key, { readonly address: string; readonly idleSince: number | null }]>,
  options: { readonly now: number; readonly keep: number; readonly graceMs: number },
): Key[] {
  const idle = new Map<string, { key: Key; since: number }[]>();
  for (const [key, { address, idleSince }] of connections) {
    if (idleSince === null || options.now - idleSince < options.graceMs) continue;
    const list = idle.get(address) ?? [];
    list.push({ key, since: idleSince });
    idle.set(address, list);
  }
  return [...idle.values()].flatMap((list) =>
    list
      .sort((a, b) => b.since - a.since)
      .slice(options.keep)
      .map(({ key }) => key),
  );
}

/** Watches the connections of a server, so that one client cannot hold them all by doing nothing. */
export function watchConnections(server: Server): Connections {
  const open = new Map<Socket, Connection>();
  const watch = (socket: Socket): void => {
    open.set(socket, { address: socket.remoteAddress ?? 'unix', idleSince: Date.now() });
    socket.once('close', () => open.delete(socket));
  };
  server.on('connection', watch);
  server.on('secureConnection', (socket: Socket) => {
    // Requests name the secure socket; the plain one below it would look idle for ever.
    for (const plain of open.keys()) {
      if (plain.remotePort === socket.remotePort && plain.remoteAddress === socket.remoteAddress) open.delete(plain);
    }
    watch(socket);
  });
  let drain: NodeJS.Timeout | undefined;
  const sweep = setInterval(() => {
    const options = { now: Date.now(), keep: LIMITS.httpIdlePerClient, graceMs: 1000 };
    for (const socket of chooseIdleToClose(open, options)) socket.destroySoon();
  }, 1000);
  sweep.unref();
  return {
    markBusy(socket) {
      const connection = open.get(socket);
      if (connection !== undefined) connection.idleSince = null;
      return () => {
        if (connection !== undefined) connection.idleSince = Date.now();
      };
    },
    get busyCount() {
      return [...open.values()].filter(({ idleSince }) => idleSince === null).length;
    },
    endIdle() {
      const options = { keep: 0, graceMs: DRAIN_SILENCE_MS };
      const close = (): void => {
        for (const socket of chooseIdleToClose(open, { ...options, now: Date.now() })) socket.destroySoon();
      };
      // Timers come before reads: a request that has arrived while the loop was busy is read first.
      drain ??= setInterval(() => setImmediate(close), DRAIN_SILENCE_MS / 2);
    },
    stop() {
      clearInterval(sweep);
      clearInterval(drain);
    },
  };
}
