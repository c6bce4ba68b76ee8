import type { JobQueue } from './job-queue.js';

/** Ends jobs whose clients wait no longer. */
export interface JobExpiry {
  /** Call it when a job has to wait, one that comes back to the queue too. */
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
  const arm = (): void => {
    const [first] = queue.jobs;
    if (deadlineMs === 0 || first === undefined) return;
    timer ??= setTimeout(expire, first.enqueuedAt + deadlineMs - performance.now() + 1).unref();
  };
  const expire = (): void => {
    timer = undefined;
    queue.expire(performance.now() - deadlineMs);
    arm();
    onExpired();
  };
  return {
    arm,
    stop: () => clearTimeout(timer),
  };
}
