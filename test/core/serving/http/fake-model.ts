import type {
  Job,
  JobReply,
  ModelRuntime,
  ModelSettings,
  WorkerStatus,
} from '../../../../src/core/serving/model-runtime.js';
import type { RegisteredModel } from '../../../../src/core/serving/registry.js';

export const SETTINGS: ModelSettings = {
  minWorkers: 1,
  maxWorkers: 1,
  batchSize: 1,
  maxBatchDelayMs: 100,
  responseTimeoutMs: 120_000,
  startupTimeoutMs: 120_000,
  maxRetryTimeoutMs: 300_000,
  clientTimeoutMs: 0,
  jobQueueSize: 100,
  memoryLimitBytes: 0,
  recycleAfterJobs: 0,
  device: 'cpu',
};

const WORKER: WorkerStatus = {
  id: '9000',
  startTime: new Date('2026-11-22T18:30:00Z'),
  status: 'READY',
  memoryBytes: 1000,
  pid: 4711,
};

export function replyWith(parts: Partial<JobReply>): JobReply {
  return {
    status: 200,
    reason: 'OK',
    contentType: '',
    headers: [],
    body: [],
    timing: { queueMs: 0, workerMs: 1 },
    ...parts,
  };
}

export interface FakeModelOptions {
  readonly name?: string;
  readonly version?: string;
  readonly submit?: (job: Job) => Promise<JobReply>;
  readonly runtime?: Partial<ModelRuntime>;
}

/** A registered model whose worker is a function; by default it echoes the first parameter. */
export function fakeModel(options: FakeModelOptions = {}): RegisteredModel & { readonly jobs: Job[] } {
  const jobs: Job[] = [];
  const echo = async (job: Job): Promise<JobReply> => replyWith({ body: job.parameters[0]?.value ?? [] });
  const runtime: ModelRuntime = {
    name: options.name ?? 'noop',
    version: options.version ?? '1.0',
    archivePath: '/store/noop.mar',
    settings: SETTINGS,
    metadata: null,
    workers: [WORKER],
    queue: { remainingCapacity: 100, pendingRequests: 0 },
    submit(job) {
      jobs.push(job);
      return (options.submit ?? echo)(job);
    },
    scale: async () => {},
    healthy: true,
    ready: true,
    stop: async () => {},
    ...options.runtime,
  };
  return { runtime, url: 'noop.mar', runtimeName: 'python', loadedAtStartup: true, jobs };
}
