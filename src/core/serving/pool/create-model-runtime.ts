import { LIMITS } from '../../limits.js';
import type { Metadata } from '../../metadata/metadata.js';
import type { Job, JobReply, ModelRuntime, ModelSettings } from '../model-runtime.js';
import { createDispatcher } from './dispatcher.js';
import { createJobExpiry } from './job-expiry.js';
import { createJobQueue } from './job-queue.js';
import { countJobBytes, type PendingJob } from './pending-job.js';
import { refuseJob } from './refuse-job.js';
import { mayRecover } from './restart-policy.js';
import { createWaitList, waitAtMost } from './wait-list.js';
import { createWorkerCrew } from './worker-crew.js';
import type { WorkerHost } from './worker-host.js';
import type { WorkerLauncher } from './worker-launcher.js';

export interface ModelRuntimeOptions {
  readonly host: WorkerHost;
  readonly name: string;
  readonly version: string;
  readonly archivePath: string;
  readonly settings: ModelSettings;
  /** null for archives that say nothing of their inputs. */
  readonly metadata: Metadata | null;
  readonly launcher: WorkerLauncher;
  /** Our own unless given. */
  readonly handler?: ModelRuntime['handler'];
  /** Of one reply body; what the protocol can count unless given. */
  readonly limitBytes?: number;
  readonly random?: () => number;
}

/**
 * A model version without workers yet: `scale` starts them. Jobs are answered in the order in which they came; a worker
 * that crashes, hangs or eats memory costs the job it held and is replaced.
 */
export function createModelRuntime(options: ModelRuntimeOptions): ModelRuntime {
  const { host, name, version, launcher } = options;
  const queue = createJobQueue({ capacity: options.settings.jobQueueSize, where: name });
  const scaled = createWaitList();
  const drained = createWaitList();
  let settings = options.settings;
  let isStopping = false;

  const settleScale = (): void => {
    if (crew.readyCount >= settings.minWorkers) scaled.resolveAll();
  };
  const settleDrain = (): void => {
    if (queue.jobs.length === 0 && crew.isIdle) drained.resolveAll();
  };
  const noWorker = () => refuseJob({ name, breakerOpen: crew.restart.breakerOpen, retryInMs: crew.retryInMs });

  const { startupTimeoutMs, responseTimeoutMs, memoryLimitBytes, recycleAfterJobs } = settings;
  const crew = createWorkerCrew({
    ...{ host, launcher, modelName: name, modelVersion: version },
    ...{ startupTimeoutMs, responseTimeoutMs, memoryLimitBytes, recycleAfterJobs },
    limitBytes: options.limitBytes ?? LIMITS.requestBytes,
    random: options.random ?? Math.random,
    onReady: () => {
      settleScale();
      dispatcher.dispatch();
    },
    onFree: (serviceMs, jobs) => {
      dispatcher.learn(serviceMs, jobs);
      dispatcher.dispatch();
      if (!drained.isEmpty) settleDrain();
    },
    onEnd: (returned, failedStart) => {
      queue.putBack(returned);
      if (failedStart !== undefined) scaled.rejectAll(failedStart);
      if (crew.isGivenUp || crew.slots.length === 0) queue.rejectAll(noWorker());
      dispatcher.dispatch();
      expiry.arm();
      settleDrain();
    },
  });
  const dispatcher = createDispatcher({
    ...{ queue, rules: settings, pipelineDepth: launcher.pipelineDepth },
    slots: () => crew.slots,
  });
  const expiry = createJobExpiry({ queue, deadlineMs: settings.clientTimeoutMs, onExpired: settleDrain });

  return {
    name,
    version,
    archivePath: options.archivePath,
    get settings() {
      return settings;
    },
    metadata: options.metadata,
    handler: options.handler ?? 'built-in',
    get workers() {
      return crew.slots.map((slot) => slot.status);
    },
    queue: {
      get remainingCapacity() {
        return queue.remainingCapacity;
      },
      get pendingRequests() {
        return queue.jobs.length;
      },
    },
    get refusal() {
      return crew.isGivenUp ? noWorker() : null;
    },
    submit: (job: Job) =>
      new Promise<JobReply>((resolve, reject) => {
        if (isStopping || crew.slots.length === 0 || crew.isGivenUp) throw noWorker();
        const enqueuedAt = performance.now();
        const bytes = countJobBytes(job);
        const pending: PendingJob = { job, kind: job.kind, bytes, enqueuedAt, sentAt: 0, resolve, reject };
        queue.add(pending);
        dispatcher.dispatch();
        if (pending.sentAt > 0) return;
        queue.watch(pending);
        expiry.arm();
      }),
    scale: async ({ min, max }) => {
      if (isStopping) throw noWorker();
      settings = { ...settings, minWorkers: min, maxWorkers: Math.max(min, max) };
      crew.resize(min);
      if (min === 0) queue.rejectAll(noWorker());
      // An earlier call that asked for more has what is wanted now.
      settleScale();
      if (crew.readyCount < min) await scaled.wait();
    },
    get healthy() {
      const { minWorkers, maxRetryTimeoutMs } = settings;
      return (
        crew.slots.length >= minWorkers &&
        mayRecover(crew.restart, { now: performance.now(), within: maxRetryTimeoutMs })
      );
    },
    get ready() {
      return !isStopping && crew.slots.some((slot) => slot.isReady);
    },
    stop: async ({ drainMs }) => {
      isStopping = true;
      scaled.rejectAll(noWorker());
      if (drainMs > 0 && crew.slots.some((slot) => slot.isRunning)) {
        const isDrained = drained.wait();
        settleDrain();
        await waitAtMost(drainMs, isDrained);
      }
      expiry.stop();
      dispatcher.stop();
      queue.rejectAll(noWorker());
      await crew.dismiss();
      launcher.dispose?.();
    },
  };
}
