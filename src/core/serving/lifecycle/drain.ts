import type { Listeners } from '../http/listeners.js';
import type { Registry } from '../registry.js';
import type { ServerLogs } from './logs/server-logs.js';

/** How long workers may take to end once every request has its answer. */
const WORKER_END_MS = 2000;

/** Runs `work(grace)`; once `now` is aborted runs it again without any grace, and resolves when either is done. */
async function hurry<T>(work: (graceMs: number) => Promise<T>, graceMs: number, now: AbortSignal): Promise<T> {
  if (now.aborted) return work(0);
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => void work(0).then(resolve, reject);
    now.addEventListener('abort', abort, { once: true });
    void work(graceMs)
      .then(resolve, reject)
      .finally(() => now.removeEventListener('abort', abort));
  });
}

/** Resolves to true when no accepted request was lost. Ends listeners first, so that accepted requests still find their workers, then the workers. */
export async function drainServer(options: {
  readonly listeners: Listeners;
  readonly registry: Registry;
  readonly graceMs: number;
  readonly now: AbortSignal;
  readonly logs: ServerLogs;
}): Promise<boolean> {
  const { listeners, registry, graceMs, now, logs } = options;
  logs.server({ level: 'INFO', message: 'draining: accepted requests are answered, new ones are refused' });
  const cut = await hurry((ms) => listeners.stop(ms), graceMs, now);
  if (cut > 0) logs.server({ level: 'WARN', message: `${cut} requests were cut off` });
  await hurry(
    (ms) => Promise.all(registry.all().map(({ runtime }) => runtime.stop({ drainMs: ms }))),
    WORKER_END_MS,
    now,
  );
  return cut === 0;
}
