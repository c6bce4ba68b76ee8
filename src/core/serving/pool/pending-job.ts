import { EisenError } from '../../errors/error.js';
import type { Job, JobReply } from '../model-runtime.js';

/** A job with the promise of its answer. */
export interface PendingJob {
  readonly job: Job;
  readonly kind: Job['kind'];
  readonly bytes: number;
  readonly enqueuedAt: number;
  sentAt: number;
  resolve(reply: JobReply): void;
  reject(error: Error): void;
}

/** What one value of the worker protocol can count. */
const MAX_JOB_BYTES = 2 ** 31 - 1;

/** Bytes of all values of a job; throws LIMIT_EXCEEDED for more than a message to a worker can hold. */
export function countJobBytes(job: Job): number {
  let bytes = 0;
  for (const { value } of job.parameters) for (const piece of value) bytes += piece.length;
  if (bytes <= MAX_JOB_BYTES) return bytes;
  throw new EisenError('LIMIT_EXCEEDED', `The request has ${bytes} bytes; a worker takes at most ${MAX_JOB_BYTES}.`, {
    expected: `at most ${MAX_JOB_BYTES} bytes`,
    found: `${bytes} bytes`,
  });
}
