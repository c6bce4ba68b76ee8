import { createMemoryGuard, type MemoryGuard } from './memory-guard.js';
import { createRunFolder, type RunFolder } from './run-folder.js';

/** A line that a worker printed, for the logs. */
export interface WorkerLine {
  readonly model: string;
  readonly workerId: string;
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

/** What all models of one server share: ids, disk, memory, logs. */
export interface WorkerHost {
  nextWorkerId(): string;
  readonly folder: RunFolder;
  readonly memory: MemoryGuard;
  readonly onLine: (line: WorkerLine) => void;
  /** Call when every model has stopped. */
  close(): void;
}

/** TorchServe numbers its workers from here. */
const FIRST_WORKER_ID = 9000;

export function createWorkerHost(
  options: {
    readonly onLine?: (line: WorkerLine) => void;
    /** Parent of the private folder; the system's folder for temporary files unless given. */
    readonly folderParent?: string;
    readonly memoryBytes?: number;
  } = {},
): WorkerHost {
  const folder = createRunFolder(options.folderParent);
  const memory = createMemoryGuard(options.memoryBytes);
  let next = FIRST_WORKER_ID;
  return {
    nextWorkerId: () => {
      next += 1;
      return String(next - 1);
    },
    folder,
    memory,
    onLine: options.onLine ?? (() => undefined),
    close: () => {
      memory.stop();
      folder.remove();
    },
  };
}
