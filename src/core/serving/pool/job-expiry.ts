import type { JobQueue } from './job-queue.js';

/** Ends jobs whose clients wait no longer. */
export interface JobExpiry {
  /** Call it when a job has to wait. */
  arm(): void;
  stop(): void;
}

/**
 * @param options.deadlineMs how long a job may wait; 0: for ever. The response timeout is no deadline for the queue: one hanging
 * job would take all behind it along.
 * @param options.onExpired after the jobs that had waited too long have been rejected
 */
export function createJobExpiry(options: {
  readonly queue: JobQueue;
  readonly deadlineMs: number;
  readonly onExpired: () => void;
}): JobExpiry {
  const { queue, deadlineMs, onExpired } = options;
  let timer: NodeJS.Timeout | undefined;
  const expire = (): void => {
    timer = undefined;
    const limit = performance.now() - deadlineMs;
    queue.expire(limit);
    const [first] = queue.jobs;
    if (first !== undefined) timer = setTimeout(expire, first.enqueuedAt - limit + 1).unref();
    onExpired();
  };
  return {
    arm: () => {
      if (deadlineMs > 0) timer ??= setTimeout(expire, deadlineMs).unref();
    },
    stop: () => clearTimeout(timer),
  };
}
