import type { ServerResponse } from 'node:http';
import type { JobSignal } from '../model-runtime.js';

/**
 * Aborted when the client went before its reply was written. The real signal is made for the first listener only: a job that
 * goes straight to a worker has none, and making one costs more than its frame.
 */
export function createClientSignal(response: ServerResponse): JobSignal {
  let gone: AbortController | undefined;
  const isGone = (): boolean => response.destroyed && !response.writableFinished;
  const open = (): AbortController => {
    const controller = new AbortController();
    if (isGone()) controller.abort();
    else
      response.once('close', () => {
        if (!response.writableFinished) controller.abort();
      });
    return controller;
  };
  return {
    get aborted() {
      return isGone();
    },
    addEventListener(type, listener) {
      gone ??= open();
      gone.signal.addEventListener(type, listener, { once: true });
    },
    removeEventListener(type, listener) {
      gone?.signal.removeEventListener(type, listener);
    },
  };
}
