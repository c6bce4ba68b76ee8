import { type BatchRules, decideBatch } from './decide-batch.js';
import { chooseSlot } from './dispatch-rules.js';
import type { JobQueue } from './job-queue.js';
import type { WorkerSlot } from './worker-slot.js';

/** Hands the jobs of a queue to workers, in batches where the model has some. */
export interface Dispatcher {
  /** Sends what can be sent now. Call it when a job has come, and when a worker has become ready or free or is gone. */
  dispatch(): void;
  /** How long a worker took for so many jobs: decides whether the next ones are sent ahead. */
  learn(serviceMs: number, jobs: number): void;
  stop(): void;
}

/** Share of the newest time in the running mean. */
const NEWEST = 0.2;

export function createDispatcher(options: {
  readonly queue: JobQueue;
  readonly rules: BatchRules;
  /** Messages that a worker may have at most; it has one at a time where jobs travel in batches. */
  readonly pipelineDepth: number;
  readonly slots: () => readonly WorkerSlot[];
}): Dispatcher {
  const { queue, rules, slots } = options;
  const depth = rules.batchSize > 1 ? 1 : options.pipelineDepth;
  let serviceMs = Number.POSITIVE_INFINITY;
  let batchTimer: NodeJS.Timeout | undefined;

  const stop = (): void => {
    clearTimeout(batchTimer);
    batchTimer = undefined;
  };
  const dispatch = (): void => {
    stop();
    for (;;) {
      const [first] = queue.jobs;
      if (first === undefined) return;
      const slot = chooseSlot(slots(), first, { depth, serviceMs });
      if (slot === undefined) return;
      const decision = decideBatch(queue.jobs, performance.now(), rules);
      if (decision.action === 'wait') batchTimer = setTimeout(dispatch, decision.delayMs);
      if (decision.action !== 'send') return;
      slot.send(queue.take(decision.count));
    }
  };
  return {
    dispatch,
    learn: (ms, jobs) => {
      const each = ms / jobs;
      serviceMs = Number.isFinite(serviceMs) ? (1 - NEWEST) * serviceMs + NEWEST * each : each;
    },
    stop,
  };
}
