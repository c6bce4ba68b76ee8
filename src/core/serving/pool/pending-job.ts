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

/** Bytes of all values of a job. */
export function countJobBytes(job: Job): number {
  let bytes = 0;
  for (const { value } of job.parameters) for (const piece of value) bytes += piece.length;
  return bytes;
}
