import type { EisenError } from '../../errors/error.js';
import type { LoadFrame } from '../worker-protocol/frames.js';

/** How the server talks to a worker: over a descriptor that it inherits, or over a socket that it listens on. */
export type WorkerChannel =
  | { readonly kind: 'descriptor'; readonly fd: 3 }
  | {
      readonly kind: 'socket';
      /** Must end in `.<number>` for TorchServe's own worker. */
      readonly path: string;
      /** The line of standard output after which the worker listens. */
      readonly readyLine: string;
    };

/** One worker about to be started. */
export interface LaunchRequest {
  readonly workerId: string;
  /** A fresh, empty folder of the worker's own; removed when it ends. */
  readonly folder: string;
  /** Cores divided by workers, at least 1. */
  readonly threads: number;
}

/** What to start and how to reach it. */
export interface LaunchPlan {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly channel: WorkerChannel;
  readonly load: LoadFrame;
}

/** Starts one kind of worker for one model: ours in Node, or TorchServe's in Python. */
export interface WorkerLauncher {
  plan(request: LaunchRequest): LaunchPlan;
  /**
   * Why no worker may be started now: the file of the model is another than the one that was registered. Asked before a
   * start, and again when the worker has loaded.
   */
  readonly findRefusal?: (() => EisenError | null) | undefined;
  /** Small jobs that may be sent ahead of the answer; 1 for workers that must not be. */
  readonly pipelineDepth: number;
  /** Removes what the launcher keeps on disk; called when the model has stopped. */
  dispose?(): void;
}
