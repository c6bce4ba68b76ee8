import type { PendingJob } from './pending-job.js';
import type { WorkerSlot } from './worker-slot.js';

/** Sending ahead pays while the way to the worker and back costs as much as the work, or a good part of it. */
const AHEAD = { bytes: 64 * 1024, manyMs: 2, oneMs: 50 } as const;

/**
 * How many messages a worker may have. A busy server takes a millisecond or two to hand over the next job: a worker that is
 * done with one in ten would be idle a tenth of its time, and more the more requests must be refused meanwhile. Longer work
 * is not worth that a job can no longer be dropped when its client goes, or be taken by another worker.
 */
function depthFor(serviceMs: number, most: number): number {
  if (serviceMs < AHEAD.manyMs) return most;
  return serviceMs < AHEAD.oneMs ? Math.min(2, most) : 1;
}

/**
 * Where the next job goes: a ready worker without work; else, when jobs are small and short, the worker with the fewest
 * messages ahead. A job sent ahead has not begun: if the worker dies it goes back to the queue.
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
  const mayGoAhead = job.bytes < AHEAD.bytes && best.flights < depthFor(rules.serviceMs, rules.depth);
  return mayGoAhead ? best : undefined;
}

/** Who goes when there are too many: a dead worker before an idle one, an idle one before a busy one. */
export function chooseLeaver(slots: readonly WorkerSlot[]): WorkerSlot | undefined {
  return slots.toSorted((a, b) => Number(a.isReady) - Number(b.isReady) || a.flights - b.flights)[0];
}
