import type { EisenError } from '../errors/error.js';
import type { Metadata } from '../metadata/metadata.js';

/** One named part of a request row, as TorchServe's protocol carries it: `body` for a bare body, one a field for a form. */
export interface JobParameter {
  readonly name: string;
  readonly contentType: string;
  /** The bytes in the pieces in which they arrived; they are never joined in the server process. */
  readonly value: readonly Uint8Array[];
}

/** What a job asks of an AbortSignal; every AbortSignal is one. A listener is called at most once. */
export interface JobSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** One request row on its way to a worker. */
export interface Job {
  readonly requestId: string;
  readonly kind: 'predict' | 'describe';
  readonly headers: readonly (readonly [string, string])[];
  readonly parameters: readonly JobParameter[];
  /** Aborted when the client has gone or its deadline has passed: a job not yet started is dropped. */
  readonly signal?: JobSignal;
}

/** One answer for one job. A failed row has the same shape as a good one: only `status` differs. */
export interface JobReply {
  readonly status: number;
  /** Empty when the handler gave no phrase. */
  readonly reason: string;
  /** Empty when the handler set none (TorchServe parity: then the reply has no content-type). */
  readonly contentType: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: readonly Uint8Array[];
  /** Further parts of a streaming reply (`ts_stream_next`), or of a large one that is still arriving. */
  readonly stream?: AsyncIterable<readonly Uint8Array[]>;
  /** The length of body and stream together, where it is known beforehand. */
  readonly streamedBytes?: number;
  readonly timing: JobTiming;
}

/** Where the time of a job went, in milliseconds, for metrics. A worker that does not tell its stages leaves them out. */
export interface JobTiming {
  readonly queueMs: number;
  readonly workerMs: number;
  readonly decodeMs?: number;
  readonly preProcessMs?: number;
  readonly inferenceMs?: number;
  readonly postProcessMs?: number;
  readonly encodeMs?: number;
}

export interface WorkerStatus {
  readonly id: string;
  readonly startTime: Date;
  readonly status: 'READY' | 'UNLOADING';
  readonly memoryBytes: number;
  readonly pid: number;
  readonly lastError?: string;
}

export interface ModelSettings {
  readonly minWorkers: number;
  readonly maxWorkers: number;
  readonly batchSize: number;
  readonly maxBatchDelayMs: number;
  readonly responseTimeoutMs: number;
  readonly startupTimeoutMs: number;
  readonly maxRetryTimeoutMs: number;
  readonly clientTimeoutMs: number;
  readonly jobQueueSize: number;
  readonly memoryLimitBytes: number;
  /** 0: never. */
  readonly recycleAfterJobs: number;
  readonly device: string;
}

/** A loaded model version: its job queue, its batcher and its workers. The HTTP side knows nothing else of workers. */
export interface ModelRuntime {
  readonly name: string;
  readonly version: string;
  readonly archivePath: string;
  readonly settings: ModelSettings;
  readonly metadata: Metadata | null;
  readonly workers: readonly WorkerStatus[];
  readonly queue: { readonly remainingCapacity: number; readonly pendingRequests: number };
  /** Why no job is taken now although there are workers: they die before they answer. Decides before a body is read. */
  readonly refusal?: EisenError | null;
  /** Rejects with EisenError QUEUE_FULL, NO_WORKER, WORKER_DIED, WORKER_OUT_OF_MEMORY, RESPONSE_TIMEOUT or CANCELLED. */
  submit(job: Job): Promise<JobReply>;
  /** Resolves when `minWorkers` workers answer; rejects WORKER_START_FAILED with the first cause. */
  scale(workers: { readonly min: number; readonly max: number }): Promise<void>;
  /** True when at least `minWorkers` workers are within their retry window: TorchServe's rule for ping. */
  readonly healthy: boolean;
  /** Who answers: our own handler (the default), or code that the archive brings. */
  readonly handler?: 'built-in' | 'archive';
  /** True when a worker is ready to answer now. */
  readonly ready: boolean;
  /** Ends the workers. With `drainMs` the jobs accepted so far are answered first, at most so long. */
  stop(options: { readonly drainMs: number }): Promise<void>;
}
