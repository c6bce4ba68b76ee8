import type { PendingJob } from './pending-job.js';
import type { WorkerSlot } from './worker-slot.js';

/** Sending ahead pays only while a message costs more than the work in it. */
const AHEAD = { serviceMs: 2, bytes: 64 * 1024 } as const;

/**
 * Where the next job goes: a ready worker without work; else, when jobs are small and answered within two milliseconds,
 * the worker with the fewest messages ahead, up to `depth`. A job sent ahead has not begun: if the worker dies it goes
 * back to the queue.
 */
export function chooseSlot(
  slots: readonly WorkerSlot[],
  job: PendingJob,
  rules: { readonly depth: number; readonly serviceMs: number },
): WorkerSlot | undefined {
  let best: WorkerSlot | undefined;
  for (const slot of slots) {
    if (slot.isReady && (best === undefined || slot.flights < best.flights)) best = slot;
  }
  if (best === undefined || best.flights === 0) return best;
  const mayGoAhead = rules.serviceMs < AHEAD.serviceMs && job.bytes < AHEAD.bytes && best.flights < rules.depth;
  return mayGoAhead ? best : undefined;
}
