import { machineMemory, readProcessMemory } from './process-memory.js';

/** A process whose memory is watched. */
export interface Watched {
  readonly pid: number;
  readonly limitBytes: number;
  kill(): void;
}

/** Looks at the memory of all workers twenty times a second and ends those over their ceiling, or the largest when all together take too much. */
export interface MemoryGuard {
  watch(worker: Watched): () => void;
  /** A third of the memory there is: the ceiling of a worker that has none of its own. */
  readonly defaultLimitBytes: number;
  stop(): void;
}

/** Who must end, given what each takes. Pure: the reading is done elsewhere. */
export function chooseToKill<W extends Watched>(
  workers: readonly { readonly worker: W; readonly bytes: number }[],
  totalLimitBytes: number,
): W[] {
  const over = workers.filter(({ worker, bytes }) => bytes > worker.limitBytes);
  if (over.length > 0) return over.map(({ worker }) => worker);
  const total = workers.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= totalLimitBytes) return [];
  return [workers.reduce((most, next) => (next.bytes > most.bytes ? next : most)).worker];
}

const EVERY_MS = 50;
const ALL_SHARE = 0.8;

export function createMemoryGuard(memoryBytes = machineMemory()): MemoryGuard {
  const workers = new Set<Watched>();
  let timer: NodeJS.Timeout | undefined;

  const look = (): void => {
    const seen = [...workers].map((worker) => ({ worker, bytes: readProcessMemory(worker.pid) }));
    for (const worker of chooseToKill(seen, memoryBytes * ALL_SHARE)) worker.kill();
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };

  return {
    defaultLimitBytes: Math.floor(memoryBytes / 3),
    watch: (worker) => {
      workers.add(worker);
      timer ??= setInterval(look, EVERY_MS).unref();
      return () => {
        workers.delete(worker);
        if (workers.size === 0) stop();
      };
    },
    stop,
  };
}
