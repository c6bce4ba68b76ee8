import type { WorkerStatus } from '../model-runtime.js';
import type { RegisteredModel } from '../registry.js';

/** `2026-11-22T18:30:00.000Z`: the form of TorchServe, but true UTC. */
function describeWorker(worker: WorkerStatus): Record<string, unknown> {
  return {
    id: worker.id,
    startTime: worker.startTime.toISOString(),
    status: worker.status,
    memoryUsage: worker.memoryBytes,
    pid: worker.pid,
    gpu: false,
    gpuUsage: 'N/A',
    lastError: worker.lastError,
  };
}

/** The fields of TorchServe in its order; ours (`engine`, `lastError`, `ioSchema`) stand where it has none. */
export function describeModel(model: RegisteredModel, customizedMetadata?: unknown): Record<string, unknown> {
  const { runtime } = model;
  const { settings, queue } = runtime;
  return {
    modelName: runtime.name,
    modelVersion: runtime.version,
    modelUrl: model.url,
    runtime: model.runtimeName,
    minWorkers: settings.minWorkers,
    maxWorkers: settings.maxWorkers,
    batchSize: settings.batchSize,
    maxBatchDelay: settings.maxBatchDelayMs,
    responseTimeout: Math.round(settings.responseTimeoutMs / 1000),
    startupTimeout: Math.round(settings.startupTimeoutMs / 1000),
    maxRetryTimeoutInSec: Math.round(settings.maxRetryTimeoutMs / 1000),
    clientTimeoutInMills: settings.clientTimeoutMs,
    parallelType: '',
    parallelLevel: 0,
    deviceType: settings.device === 'cpu' ? 'cpu' : 'gpu',
    continuousBatching: false,
    useJobTicket: false,
    useVenv: false,
    stateful: false,
    sequenceMaxIdleMSec: 0,
    sequenceTimeoutMSec: 0,
    maxNumSequence: 0,
    maxSequenceJobQueueSize: 0,
    loadedAtStartup: model.loadedAtStartup,
    workers: runtime.workers.map(describeWorker),
    jobQueueStatus: { remainingCapacity: queue.remainingCapacity, pendingRequests: queue.pendingRequests },
    customizedMetadata,
  };
}
