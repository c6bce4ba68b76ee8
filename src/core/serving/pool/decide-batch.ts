/** What is known of a queued job to decide when it travels. */
export interface QueuedJob {
  readonly kind: 'predict' | 'describe';
  readonly enqueuedAt: number;
}

export interface BatchRules {
  readonly batchSize: number;
  readonly maxBatchDelayMs: number;
}

/** Send the first `count` jobs now, wait so long for more, or do nothing because nothing is queued. */
export type BatchDecision =
  | { readonly action: 'send'; readonly count: number }
  | { readonly action: 'wait'; readonly delayMs: number }
  | { readonly action: 'idle' };

/**
 * Which jobs a free worker takes. A describe job travels alone; prediction jobs are gathered up to `batchSize` within a
 * window of `maxBatchDelayMs` that began when the first of them came.
 */
export function decideBatch(queue: readonly QueuedJob[], now: number, rules: BatchRules): BatchDecision {
  const [first] = queue;
  if (first === undefined) return { action: 'idle' };
  if (first.kind === 'describe' || rules.batchSize <= 1) return { action: 'send', count: 1 };
  let count = 0;
  while (count < queue.length && count < rules.batchSize && queue[count]!.kind === 'predict') count += 1;
  const isClosed = count === rules.batchSize || count < queue.length;
  const delayMs = first.enqueuedAt + rules.maxBatchDelayMs - now;
  return isClosed || delayMs <= 0 ? { action: 'send', count } : { action: 'wait', delayMs };
}
