import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';
import type { Metadata } from '../../metadata/metadata.js';
import type { Job, JobReply, ModelRuntime, ModelSettings } from '../model-runtime.js';
import { decideBatch } from './decide-batch.js';
import { chooseSlot } from './dispatch-rules.js';
import { createJobQueue } from './job-queue.js';
import { countJobBytes, type PendingJob } from './pending-job.js';
import { afterReady, decideRestart, HEALTHY } from './restart-policy.js';
import { threadsPerWorker } from './threads-per-worker.js';
import type { WorkerHost } from './worker-host.js';
import type { WorkerLauncher } from './worker-launcher.js';
import { createWorkerSlot, type WorkerSlot } from './worker-slot.js';

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

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/**
 * A model version without workers yet: `scale` starts them. Jobs are answered in the order in which they came; a worker
 * that crashes, hangs or eats memory costs the job it held and is replaced.
 */
export function createModelRuntime(options: ModelRuntimeOptions): ModelRuntime {
  const { host, name, version, launcher, random = Math.random } = options;
  const queue = createJobQueue({ capacity: options.settings.jobQueueSize, where: name });
  let settings = options.settings;
  let slots: WorkerSlot[] = [];
  let leaving: WorkerSlot[] = [];
  let restart = HEALTHY;
  let retryAt = 0;
  let serviceMs = Number.POSITIVE_INFINITY;
  let isStopping = false;
  let batchTimer: NodeJS.Timeout | undefined;
  let expiryTimer: NodeJS.Timeout | undefined;
  let scaleWaiters: Waiter[] = [];
  let idleWaiters: (() => void)[] = [];
  const goneWaiters: (() => void)[] = [];

  const readyCount = (): number => slots.filter((slot) => slot.isReady).length;
  const threads = (): number => threadsPerWorker(settings.minWorkers);

  const settleScale = (error?: Error): void => {
    if (error === undefined && readyCount() < settings.minWorkers) return;
    const waiters = scaleWaiters;
    scaleWaiters = [];
    for (const waiter of waiters) error === undefined ? waiter.resolve() : waiter.reject(error);
  };
  const settleIdle = (): void => {
    if (queue.jobs.length > 0 || ![...slots, ...leaving].every((slot) => slot.isIdle)) return;
    const waiters = idleWaiters;
    idleWaiters = [];
    for (const resolve of waiters) resolve();
  };

  const dispatch = (): void => {
    clearTimeout(batchTimer);
    batchTimer = undefined;
    for (;;) {
      const [first] = queue.jobs;
      if (first === undefined) return;
      const depth = settings.batchSize > 1 ? 1 : launcher.pipelineDepth;
      const slot = chooseSlot(slots, first, { depth, serviceMs });
      if (slot === undefined) return;
      const decision = decideBatch(queue.jobs, performance.now(), settings);
      if (decision.action === 'wait') batchTimer = setTimeout(dispatch, decision.delayMs);
      if (decision.action !== 'send') return;
      slot.send(queue.take(decision.count));
    }
  };

  // The response timeout is no deadline for the queue: one hanging job would take all behind it along.
  const deadlineMs = (): number => settings.clientTimeoutMs;
  const expireJobs = (): void => {
    expiryTimer = undefined;
    const limit = performance.now() - deadlineMs();
    queue.expire(limit);
    const [first] = queue.jobs;
    if (first !== undefined) expiryTimer = setTimeout(expireJobs, first.enqueuedAt - limit + 1).unref();
    settleIdle();
  };

  const onEnd: Parameters<typeof createWorkerSlot>[0]['onEnd'] = (slot, end, returned) => {
    queue.putBack(returned);
    leaving = leaving.filter((other) => other !== slot);
    if (leaving.length === 0) for (const resolve of goneWaiters.splice(0)) resolve();
    if (slots.includes(slot)) {
      const decided = decideRestart(restart, {
        now: performance.now(),
        hadAnswered: end.hadAnswered,
        random: random(),
      });
      restart = decided.state;
      retryAt = performance.now() + decided.delayMs;
      slot.startAfter(decided.delayMs);
      if (!end.wasReady && !end.hadAnswered) settleScale(end.error);
      if (isGivenUp()) queue.rejectAll(noWorker());
    }
    dispatch();
    settleIdle();
  };
  const addSlot = (): void => {
    const slot = createWorkerSlot({
      host,
      modelName: name,
      modelVersion: version,
      launcher,
      threads,
      startupTimeoutMs: settings.startupTimeoutMs,
      responseTimeoutMs: settings.responseTimeoutMs,
      memoryLimitBytes: settings.memoryLimitBytes,
      recycleAfterJobs: settings.recycleAfterJobs,
      limitBytes: options.limitBytes ?? LIMITS.requestBytes,
      onReady: () => {
        restart = afterReady(restart);
        settleScale();
        dispatch();
      },
      onFree: (lastMs, jobs) => {
        if (restart.streak > 0) restart = HEALTHY;
        const each = lastMs / jobs;
        serviceMs = Number.isFinite(serviceMs) ? 0.8 * serviceMs + 0.2 * each : each;
        dispatch();
        if (idleWaiters.length > 0) settleIdle();
      },
      onEnd,
    });
    slots.push(slot);
    slot.start();
  };
  const removeSlot = (): void => {
    // An idle worker goes before a busy one, a dead one before both.
    const order = slots.toSorted((a, b) => Number(a.isReady) - Number(b.isReady) || a.flights - b.flights);
    const slot = order[0]!;
    slots = slots.filter((other) => other !== slot);
    if (slot.isRunning) leaving.push(slot);
    slot.retire();
  };

  const noWorker = (): EisenError => {
    const waitS = Math.max(1, Math.ceil((retryAt - performance.now()) / 1000));
    return new EisenError('NO_WORKER', `Model "${name}" has no worker to serve inference request.`, {
      where: name,
      ...(restart.breakerOpen
        ? {
            found: 'the workers die before they answer',
            hint: `The next attempt is in ${waitS} s.`,
            retryAfterS: waitS,
          }
        : { found: 'no worker', hint: 'Scale the workers up.' }),
    });
  };
  const isGivenUp = (): boolean => restart.breakerOpen && readyCount() === 0;

  const runtime: ModelRuntime = {
    name,
    version,
    archivePath: options.archivePath,
    get settings() {
      return settings;
    },
    metadata: options.metadata,
    handler: options.handler ?? 'built-in',
    get workers() {
      return slots.map((slot) => slot.status);
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
      return isGivenUp() ? noWorker() : null;
    },
    submit: (job: Job) =>
      new Promise<JobReply>((resolve, reject) => {
        if (isStopping || slots.length === 0 || isGivenUp()) throw noWorker();
        const enqueuedAt = performance.now();
        const bytes = countJobBytes(job);
        const pending: PendingJob = { job, kind: job.kind, bytes, enqueuedAt, sentAt: 0, resolve, reject };
        queue.add(pending);
        dispatch();
        if (pending.sentAt > 0) return;
        queue.watch(pending);
        if (deadlineMs() > 0) expiryTimer ??= setTimeout(expireJobs, deadlineMs()).unref();
      }),
    scale: async ({ min, max }) => {
      if (isStopping) throw noWorker();
      settings = { ...settings, minWorkers: min, maxWorkers: Math.max(min, max) };
      while (slots.length > min) removeSlot();
      if (slots.length === 0) queue.rejectAll(noWorker());
      while (slots.length < min) addSlot();
      if (readyCount() >= min) return;
      await new Promise<void>((resolve, reject) => scaleWaiters.push({ resolve, reject }));
    },
    get healthy() {
      const since = restart.failingSince;
      const withinWindow = since === null || performance.now() - since < settings.maxRetryTimeoutMs;
      return slots.length >= settings.minWorkers && !restart.breakerOpen && withinWindow;
    },
    get ready() {
      return !isStopping && slots.some((slot) => slot.isReady);
    },
    stop: async ({ drainMs }) => {
      isStopping = true;
      settleScale(noWorker());
      const canDrain = drainMs > 0 && slots.some((slot) => slot.isRunning);
      if (canDrain)
        await within(drainMs, (resolve) => {
          idleWaiters.push(resolve);
          settleIdle();
        });
      clearTimeout(expiryTimer);
      clearTimeout(batchTimer);
      queue.rejectAll(noWorker());
      while (slots.length > 0) removeSlot();
      for (const slot of leaving) if (!slot.isIdle) slot.kill();
      if (leaving.length > 0) await new Promise<void>((resolve) => goneWaiters.push(resolve));
      launcher.dispose?.();
    },
  };
  return runtime;
}

/** Waits for `start`'s call of its argument, at most `ms`. */
function within(ms: number, start: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    start(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
