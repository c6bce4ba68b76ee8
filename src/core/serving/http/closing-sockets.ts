import type { Socket } from 'node:net';

const closing = new WeakSet<Socket>();

/** The reply under way on this socket has told the client that it is the last one. */
export function markClosing(socket: Socket): void {
  closing.add(socket);
}

/** True when nothing more may be said on the socket, whatever still comes in. */
export function isClosing(socket: Socket): boolean {
  return closing.has(socket);
}
