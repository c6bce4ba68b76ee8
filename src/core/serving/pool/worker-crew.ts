import type { EisenError } from '../../errors/error.js';
import { chooseLeaver } from './dispatch-rules.js';
import type { PendingJob } from './pending-job.js';
import { afterReady, decideRestart, HEALTHY, type RestartState } from './restart-policy.js';
import { threadsPerWorker } from './threads-per-worker.js';
import { createWaitList } from './wait-list.js';
import type { WorkerEnd } from './worker-end.js';
import { createWorkerSlot, type SlotOptions, type WorkerSlot } from './worker-slot.js';

/** The workers of one model: as many as wanted, each replaced when it dies, later and later when it never answers. */
export interface WorkerCrew {
  readonly slots: readonly WorkerSlot[];
  readonly readyCount: number;
  /** No worker holds a job, those that are on their way out included. */
  readonly isIdle: boolean;
  readonly restart: RestartState;
  /** Time until the next attempt to start a worker, when one is due. */
  readonly retryInMs: number;
  /** No worker is ready, and they die so often that the next attempt is far away. */
  readonly isGivenUp: boolean;
  resize(count: number): void;
  /** Ends all workers, busy ones at once; resolves when they are gone. */
  dismiss(): Promise<void>;
}

export interface CrewOptions extends Omit<SlotOptions, 'threads' | 'onReady' | 'onFree' | 'onEnd'> {
  readonly random: () => number;
  readonly onReady: () => void;
  readonly onFree: SlotOptions['onFree'];
  /** A worker is gone. `returned` were never begun; `failedStart` when it belongs to the crew and never became ready. */
  readonly onEnd: (returned: PendingJob[], failedStart: EisenError | undefined) => void;
}

export function createWorkerCrew(options: CrewOptions): WorkerCrew {
  const { random, onReady, onFree, onEnd, ...slotOptions } = options;
  const gone = createWaitList();
  let slots: WorkerSlot[] = [];
  let leaving: WorkerSlot[] = [];
  let wanted = 0;
  let restart = HEALTHY;
  let retryAt = 0;

  const countReady = (): number => slots.filter((slot) => slot.isReady).length;
  const replace = (slot: WorkerSlot, end: WorkerEnd & { hadAnswered: boolean; pid: number }): void => {
    const { hadAnswered, ...ended } = end;
    const now = performance.now();
    const isHarmless = end.cause === 'refused' && countReady() > 0;
    const decided = decideRestart(restart, { now, hadAnswered, isHarmless, random: random() });
    restart = decided.state;
    retryAt = now + decided.delayMs;
    slot.startAfter(decided.delayMs);
    options.host.onEnded({
      ...{ model: options.modelName, version: options.modelVersion, workerId: slot.id },
      ...ended,
      ...{ restartInMs: decided.delayMs, breakerOpen: restart.breakerOpen },
    });
  };
  const addSlot = (): void => {
    const slot = createWorkerSlot({
      ...slotOptions,
      threads: () => threadsPerWorker(wanted),
      onReady: () => {
        restart = afterReady(restart);
        onReady();
      },
      onFree: (serviceMs, jobs) => {
        if (restart.streak > 0) restart = HEALTHY;
        onFree(serviceMs, jobs);
      },
      onEnd: (ended, end, returned) => {
        const { hadAnswered, wasReady, error } = end;
        const stays = slots.includes(ended);
        leaving = leaving.filter((other) => other !== ended);
        if (leaving.length === 0) gone.resolveAll();
        if (stays) replace(ended, end);
        onEnd(returned, stays && !wasReady && !hadAnswered ? error : undefined);
      },
    });
    slots.push(slot);
    slot.start();
  };
  const removeSlot = (): void => {
    const slot = chooseLeaver(slots)!;
    slots = slots.filter((other) => other !== slot);
    if (slot.isRunning) leaving.push(slot);
    slot.retire();
  };

  return {
    get slots() {
      return slots;
    },
    get readyCount() {
      return countReady();
    },
    get isIdle() {
      return slots.every((slot) => slot.isIdle) && leaving.every((slot) => slot.isIdle);
    },
    get restart() {
      return restart;
    },
    get retryInMs() {
      return retryAt - performance.now();
    },
    get isGivenUp() {
      return restart.breakerOpen && countReady() === 0;
    },
    resize: (count) => {
      wanted = count;
      while (slots.length > count) removeSlot();
      while (slots.length < count) addSlot();
    },
    dismiss: async () => {
      while (slots.length > 0) removeSlot();
      for (const slot of leaving) if (!slot.isIdle) slot.kill();
      if (leaving.length > 0) await gone.wait();
    },
  };
}
