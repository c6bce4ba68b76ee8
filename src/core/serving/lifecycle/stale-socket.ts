import { lstatSync, rmSync } from 'node:fs';
import net from 'node:net';
import type { ListenAddress } from '../config/listen-address.js';

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(path);
    const finish = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => finish(true));
    // Only a refusal proves that nobody listens; anything else (rights, a full backlog) leaves the file alone.
    socket.once('error', (error: NodeJS.ErrnoException) => finish(error.code !== 'ECONNREFUSED'));
  });
}

/** Removes the socket file that a killed server left at an address, so that this one can listen there. */
export async function removeStaleSocket(address: ListenAddress | null): Promise<void> {
  if (address === null || address.kind !== 'unix') return;
  const stats = lstatSync(address.path, { throwIfNoEntry: false });
  if (stats?.isSocket() === true && !(await isAnswered(address.path))) rmSync(address.path, { force: true });
}
