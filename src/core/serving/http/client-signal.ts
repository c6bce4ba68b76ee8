import type { ServerResponse } from 'node:http';
import type { JobSignal } from '../model-runtime.js';

/** Aborted when the client went before its reply was written. Nothing is made or watched before somebody asks for it. */
export function createClientSignal(response: ServerResponse): JobSignal {
  let listeners: Set<() => void> | undefined;
  const isGone = (): boolean => response.destroyed && !response.writableFinished;
  const tell = (): void => {
    if (!response.writableFinished) for (const listener of listeners!) listener();
  };
  return {
    get aborted() {
      return isGone();
    },
    addEventListener(_type, listener) {
      if (listeners === undefined) {
        listeners = new Set();
        response.once('close', tell);
      }
      listeners.add(listener);
    },
    removeEventListener(_type, listener) {
      listeners?.delete(listener);
    },
  };
}
