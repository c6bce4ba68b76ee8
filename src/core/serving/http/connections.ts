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
  stop(): void;
}

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
  server.on('connection', (socket: Socket) => {
    open.set(socket, { address: socket.remoteAddress ?? 'unix', idleSince: Date.now() });
    socket.once('close', () => open.delete(socket));
  });
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
    stop: () => clearInterval(sweep),
  };
}
