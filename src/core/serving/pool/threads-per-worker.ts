import os from 'node:os';

/** Threads inside of one operator: the cores divided by the workers of the model, at least 1. */
export function threadsPerWorker(workers: number): number {
  return Math.max(1, Math.floor(os.availableParallelism() / Math.max(1, workers)));
}
