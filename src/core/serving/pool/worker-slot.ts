import { rmSync } from 'node:fs';
import type { EisenError } from '../../errors/error.js';
import type { WorkerStatus } from '../model-runtime.js';
import type { ReplyFrame } from '../worker-protocol/frames.js';
import { createFlight, type Flight, failFlight, landFlight } from './flight.js';
import type { PendingJob } from './pending-job.js';
import { readProcessMemory } from './process-memory.js';
import { createResponseTimer } from './response-timer.js';
import type { WorkerEnd } from './worker-end.js';
import type { WorkerHost } from './worker-host.js';
import type { LaunchPlan, WorkerLauncher } from './worker-launcher.js';
import { startWorkerProcess, type WorkerProcess } from './worker-process.js';

export interface SlotOptions {
  readonly host: WorkerHost;
  readonly modelName: string;
  readonly modelVersion: string;
  readonly launcher: WorkerLauncher;
  readonly threads: () => number;
  readonly startupTimeoutMs: number;
  readonly responseTimeoutMs: number;
  readonly memoryLimitBytes: number;
  readonly limitBytes: number;
  /** 0: never. */
  readonly recycleAfterJobs: number;
  readonly onReady: () => void;
  /** A flight has been answered: there may be room for another. */
  readonly onFree: (serviceMs: number, jobs: number) => void;
  /** The process is gone. `returned` were never begun and belong at the front of the queue. */
  readonly onEnd: (
    slot: WorkerSlot,
    end: WorkerEnd & { readonly hadAnswered: boolean; readonly pid: number },
    returned: PendingJob[],
  ) => void;
}

/** The place of one worker: it keeps its id while processes come and go in it. */
export interface WorkerSlot {
  readonly id: string;
  readonly status: WorkerStatus;
  readonly isReady: boolean;
  /** A process is there, whatever its state. */
  readonly isRunning: boolean;
  /** Messages that have been sent and not answered. */
  readonly flights: number;
  readonly isIdle: boolean;
  start(): void;
  startAfter(delayMs: number): void;
  send(jobs: readonly PendingJob[]): void;
  /** No more jobs; the process ends after its last answer. */
  retire(): void;
  kill(): void;
}

export function createWorkerSlot(options: SlotOptions): WorkerSlot {
  const { host, launcher } = options;
  const id = host.nextWorkerId();
  const name = { model: options.modelName, version: options.modelVersion, workerId: id };
  let flights: Flight[] = [];
  let worker: WorkerProcess | undefined;
  let folder: string | undefined;
  let unwatch: (() => void) | undefined;
  let restart: NodeJS.Timeout | undefined;
  /** When the worker could begin with the first flight. */
  let servedSince = 0;
  const share = options.recycleAfterJobs || Number.POSITIVE_INFINITY;
  let answered = 0;
  /** So many answers are the worker's share. */
  let shareEnd = share;
  let isRetired = false;
  let lastError: EisenError | undefined;

  const responseTimer = createResponseTimer({
    limitMs: options.responseTimeoutMs,
    onOverdue: () => worker?.kill('response-timeout'),
  });
  /** Why no other process may take this place now. */
  const findRefusal = (): EisenError | null => launcher.findRefusal?.() ?? null;
  /** Whether the worker is given up for its age; one that nobody could replace goes on for another share of jobs. */
  const isDueAfter = (jobs: number): boolean => {
    if (jobs < shareEnd) return false;
    if (findRefusal() === null) return true;
    shareEnd = jobs + share;
    return false;
  };
  const closeIfDone = (): void => {
    if (flights.length === 0 && (isRetired || isDueAfter(answered))) worker?.close();
  };

  const onReply = (frame: ReplyFrame): void => {
    const flight = flights[0];
    if (flight === undefined) {
      worker?.kill('protocol');
      return;
    }
    const now = performance.now();
    responseTimer.touch(now);
    if (!landFlight(flight, frame, now)) return;
    const serviceMs = now - servedSince;
    servedSince = now;
    flights.shift();
    if (flights.length === 0) responseTimer.rest();
    answered += flight.jobs.length;
    closeIfDone();
    options.onFree(serviceMs, flight.jobs.length);
  };
  const onEnd = (end: WorkerEnd): void => {
    unwatch?.();
    responseTimer.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    const [begun, ...waiting] = flights;
    flights = [];
    if (begun !== undefined) failFlight(begun, end.error);
    if (end.cause !== 'closed') lastError = end.error;
    const hadAnswered = answered > 0 || end.cause === 'closed';
    const pid = worker?.pid ?? 0;
    worker = undefined;
    options.onEnd(
      slot,
      { ...end, hadAnswered, pid },
      waiting.flatMap(({ jobs }) => jobs),
    );
  };

  const refuseStart = (error: EisenError): void => {
    lastError = error;
    options.onEnd(slot, { cause: 'refused', wasReady: false, error, hadAnswered: false, pid: 0 }, []);
  };

  const start = (): void => {
    restart = undefined;
    answered = 0;
    shareEnd = share;
    const refusal = findRefusal();
    if (refusal !== null) {
      // Later, as of a process: whoever calls has not done yet.
      restart = setTimeout(() => refuseStart(refusal), 0);
      return;
    }
    const planFor = (made: string): LaunchPlan =>
      launcher.plan({ workerId: id, folder: made, threads: options.threads() });
    const spare = host.spare.take(planFor);
    folder = spare?.folder ?? host.folder.make(`worker-${id}`);
    worker = startWorkerProcess({
      plan: spare?.plan ?? planFor(folder),
      child: spare?.child,
      startupTimeoutMs: options.startupTimeoutMs,
      limitBytes: options.limitBytes,
      mayPassOn: (requestId) => flights[0]?.jobs.length === 1 && flights[0].jobs[0]!.job.requestId === requestId,
      onReady: () => {
        // It may have opened a file that came after the look before its start.
        const late = findRefusal();
        if (late !== null) {
          worker?.kill('refused', late);
          return;
        }
        host.onLoaded({ ...name, ms: Date.now() - (worker?.startTime.getTime() ?? Date.now()) });
        options.onReady();
      },
      onReply,
      onEnd,
      onLine: (line, stream) => host.onLine({ ...name, stream, line }),
    });
    const { pid } = worker;
    unwatch = host.memory.watch({
      pid,
      limitBytes: options.memoryLimitBytes || host.memory.defaultLimitBytes,
      kill: () => worker?.kill('memory'),
    });
  };

  const isSpent = (): boolean => isDueAfter(answered + flights.length);

  // One view for as long as the slot lives: every request asks how many workers there are.
  const status: WorkerStatus = {
    id,
    get pid() {
      return worker?.pid ?? 0;
    },
    get startTime() {
      return worker?.startTime ?? new Date(0);
    },
    get status() {
      return worker?.isReady && !isRetired ? 'READY' : 'UNLOADING';
    },
    get memoryBytes() {
      return worker?.pid ? readProcessMemory(worker.pid) : 0;
    },
    get lastError() {
      return lastError?.message;
    },
  };
  const slot: WorkerSlot = {
    id,
    status,
    get isReady() {
      return worker?.isReady === true && !isRetired && !isSpent();
    },
    get isRunning() {
      return worker !== undefined;
    },
    get flights() {
      return flights.length;
    },
    get isIdle() {
      return flights.length === 0;
    },
    start,
    startAfter: (delayMs) => {
      restart = setTimeout(start, delayMs);
    },
    send: (jobs) => {
      const now = performance.now();
      for (const job of jobs) job.sentAt = now;
      if (flights.length === 0) {
        servedSince = now;
        responseTimer.touch(now);
      }
      flights.push(createFlight(jobs));
      worker!.send(jobs.map(({ job }) => job));
    },
    retire: () => {
      isRetired = true;
      if (restart !== undefined) {
        clearTimeout(restart);
        restart = undefined;
      }
      closeIfDone();
    },
    kill: () => worker?.kill('closed'),
  };
  return slot;
}
