import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { EisenError } from '../../errors/error.js';
import type { Job, JobReply } from '../model-runtime.js';
import { collectReply } from '../whole-reply.js';
import { createModelRuntime } from './create-model-runtime.js';
import { createNodeLauncher } from './node-launcher.js';
import { createWorkerHost, type WorkerLine } from './worker-host.js';

export interface LocalRun {
  readonly archivePath: string;
  /** As an HTTP client would send them: `accept` decides the form of the reply. */
  readonly headers: Job['headers'];
  readonly parameters: Job['parameters'];
  readonly onLine?: (line: WorkerLine) => void;
  /** What is being done now, for a spinner. */
  readonly onStage?: (stage: 'loading' | 'predicting') => void;
  /** How long loading, and then predicting, may take; an hour unless told otherwise. */
  readonly timeoutMs?: number | undefined;
  /** Ends the worker at once. */
  readonly signal?: AbortSignal;
}

const HOUR_MS = 3_600_000;

/**
 * One prediction by the worker that a server would use, without a server: the same bytes. The worker and its folder are
 * gone when this settles. Rejects as `ModelRuntime.submit` and `scale` do; CANCELLED when the signal aborts.
 */
export async function runLocally(run: LocalRun): Promise<JobReply> {
  const { archivePath, signal, timeoutMs = HOUR_MS } = run;
  const modelName = path.basename(archivePath).replace(/\.[^.]*$/, '') || 'model';
  const host = createWorkerHost({ onLine: run.onLine });
  const runtime = createModelRuntime({
    ...{ host, name: modelName, version: '1.0', archivePath, metadata: null },
    launcher: createNodeLauncher({ modelName, archivePath, batchSize: 1 }),
    settings: {
      ...{ minWorkers: 1, maxWorkers: 1, batchSize: 1, maxBatchDelayMs: 0, jobQueueSize: 1, recycleAfterJobs: 0 },
      ...{ responseTimeoutMs: timeoutMs, startupTimeoutMs: timeoutMs, maxRetryTimeoutMs: 0, clientTimeoutMs: 0 },
      ...{ memoryLimitBytes: 0, device: 'cpu' },
    },
  });
  const abort = (): void => void runtime.stop({ drainMs: 0 });
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    run.onStage?.('loading');
    await runtime.scale({ min: 1, max: 1 });
    run.onStage?.('predicting');
    const job = { requestId: randomUUID(), kind: 'predict', headers: run.headers, parameters: run.parameters } as const;
    return await collectReply(await runtime.submit(job));
  } catch (error) {
    if (signal?.aborted) throw new EisenError('CANCELLED', 'The prediction was cancelled.', { cause: error });
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    await runtime.stop({ drainMs: 0 });
    host.close();
  }
}
