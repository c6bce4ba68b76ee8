import { createMemoryGuard, type MemoryGuard } from './memory-guard.js';
import { createRunFolder, type RunFolder } from './run-folder.js';
import { createSpareWorker, type SpareWorker } from './spare-worker.js';
import type { WorkerEndEvent } from './worker-end.js';

/** Which worker. */
export interface WorkerName {
  readonly model: string;
  readonly version: string;
  readonly workerId: string;
}

/** A line that a worker printed, for the logs. */
export interface WorkerLine extends WorkerName {
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

/** What all models of one server share: ids, disk, memory, logs. */
export interface WorkerHost {
  nextWorkerId(): string;
  readonly folder: RunFolder;
  readonly memory: MemoryGuard;
  /** For the first worker of the start. */
  readonly spare: SpareWorker;
  readonly onLine: (line: WorkerLine) => void;
  /** A worker is ready; `ms` is the time from its start. */
  readonly onLoaded: (worker: WorkerName & { readonly ms: number }) => void;
  /** A worker has ended, or could not be started, that is to be replaced. */
  readonly onEnded: (end: WorkerEndEvent) => void;
  /** Call when every model has stopped. */
  close(): void;
}

/** TorchServe numbers its workers from here. */
const FIRST_WORKER_ID = 9000;

export function createWorkerHost(
  options: {
    readonly onLine?: WorkerHost['onLine'];
    readonly onLoaded?: WorkerHost['onLoaded'];
    readonly onEnded?: WorkerHost['onEnded'];
    readonly firstWorkerId?: number;
    /** Parent of the private folder; the system's folder for temporary files unless given. */
    readonly folderParent?: string;
    readonly memoryBytes?: number;
  } = {},
): WorkerHost {
  const folder = createRunFolder(options.folderParent);
  const memory = createMemoryGuard(options.memoryBytes);
  const spare = createSpareWorker(folder);
  let next = options.firstWorkerId ?? FIRST_WORKER_ID;
  return {
    nextWorkerId: () => {
      next += 1;
      return String(next - 1);
    },
    folder,
    memory,
    spare,
    onLine: options.onLine ?? (() => undefined),
    onLoaded: options.onLoaded ?? (() => undefined),
    onEnded: options.onEnded ?? (() => undefined),
    close: () => {
      spare.drop();
      memory.stop();
      folder.remove();
    },
  };
}
