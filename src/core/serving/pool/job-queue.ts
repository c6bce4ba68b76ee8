import { EisenError } from '../../errors/error.js';
import type { PendingJob } from './pending-job.js';

/** Jobs that wait for a worker, first in first out, never more than the capacity. */
export interface JobQueue {
  readonly jobs: readonly PendingJob[];
  readonly remainingCapacity: number;
  /** Throws QUEUE_FULL. */
  add(job: PendingJob): void;
  /** From now on the job leaves by itself when its signal aborts (CANCELLED). */
  watch(job: PendingJob): void;
  take(count: number): PendingJob[];
  /** Puts jobs that were never begun back to the front, past the capacity if need be. */
  putBack(jobs: readonly PendingJob[]): void;
  /** Rejects JOB_EXPIRED every job that came before `limit`. */
  expire(limit: number): void;
  rejectAll(error: Error): void;
}

function cancelled(): EisenError {
  return new EisenError('CANCELLED', 'The client went away before the job was begun.');
}

export function createJobQueue(options: { readonly capacity: number; readonly where: string }): JobQueue {
  const { capacity, where } = options;
  const jobs: PendingJob[] = [];
  const leavers = new Map<PendingJob, () => void>();

  const settle = (pending: PendingJob): void => {
    const leave = leavers.get(pending);
    if (leave === undefined) return;
    pending.job.signal?.removeEventListener('abort', leave);
    leavers.delete(pending);
  };
  const watch = (pending: PendingJob): void => {
    const { signal } = pending.job;
    if (signal === undefined) return;
    const leave = (): void => {
      const at = jobs.indexOf(pending);
      if (at >= 0) jobs.splice(at, 1);
      leavers.delete(pending);
      pending.reject(cancelled());
    };
    leavers.set(pending, leave);
    signal.addEventListener('abort', leave, { once: true });
  };

  return {
    jobs,
    get remainingCapacity() {
      return Math.max(0, capacity - jobs.length);
    },
    add: (pending) => {
      if (pending.job.signal?.aborted) throw cancelled();
      if (jobs.length >= capacity) {
        throw new EisenError('QUEUE_FULL', `The job queue of model "${where}" is full. Try again later.`, {
          where,
          expected: `at most ${capacity} waiting requests`,
          hint: 'Add workers, raise job_queue_size, or send fewer requests at once.',
        });
      }
      jobs.push(pending);
    },
    watch,
    take: (count) => {
      const taken = jobs.splice(0, count);
      for (const pending of taken) settle(pending);
      return taken;
    },
    putBack: (returned) => {
      jobs.unshift(...returned);
      for (const pending of returned) {
        if (pending.job.signal?.aborted) {
          jobs.splice(jobs.indexOf(pending), 1);
          pending.reject(cancelled());
        } else watch(pending);
      }
    },
    expire: (limit) => {
      while (jobs.length > 0 && jobs[0]!.enqueuedAt < limit) {
        const pending = jobs.shift()!;
        settle(pending);
        pending.reject(
          new EisenError('JOB_EXPIRED', `The job waited in the queue of model "${where}" past its deadline.`, {
            where,
            hint: 'The workers are slower than the requests come: add workers or send fewer at once.',
          }),
        );
      }
    },
    rejectAll: (error) => {
      for (const pending of jobs.splice(0)) {
        settle(pending);
        pending.reject(error);
      }
    },
  };
}
