import type { ServeSignals } from '../commands/serve/serve-options.js';

/** Turns process signals into calls: the first SIGTERM or SIGINT asks to stop, a further one to stop now. */
export function listenForSignals(): ServeSignals {
  const stop: (() => void)[] = [];
  const stopNow: (() => void)[] = [];
  const reload: (() => void)[] = [];
  let asked = false;
  const onSignal = (): void => {
    for (const listener of asked ? stopNow : stop) listener();
    asked = true;
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('SIGHUP', () => {
    for (const listener of reload) listener();
  });
  return {
    onStop(listener) {
      if (asked) listener();
      else stop.push(listener);
    },
    onStopNow: (listener) => void stopNow.push(listener),
    onReload: (listener) => void reload.push(listener),
  };
}
