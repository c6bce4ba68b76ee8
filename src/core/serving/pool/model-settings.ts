import type { ServerConfig } from '../config/server-config.js';
import type { ModelSettings } from '../model-runtime.js';

type Defaults = Pick<
  ServerConfig,
  | 'defaultWorkersPerModel'
  | 'defaultResponseTimeoutMs'
  | 'defaultStartupTimeoutMs'
  | 'jobQueueSize'
  | 'workerMemoryLimitBytes'
  | 'recycleAfterJobs'
  | 'device'
>;

/** TorchServe's own values where the configuration has no key for them. */
const MAX_BATCH_DELAY_MS = 100;
const MAX_RETRY_TIMEOUT_MS = 300_000;

/** What a model starts with when nobody says otherwise. */
export function defaultSettings(config: Defaults): ModelSettings {
  const workers = Math.max(1, config.defaultWorkersPerModel);
  return {
    minWorkers: workers,
    maxWorkers: workers,
    batchSize: 1,
    maxBatchDelayMs: MAX_BATCH_DELAY_MS,
    responseTimeoutMs: config.defaultResponseTimeoutMs,
    startupTimeoutMs: config.defaultStartupTimeoutMs,
    maxRetryTimeoutMs: MAX_RETRY_TIMEOUT_MS,
    clientTimeoutMs: 0,
    jobQueueSize: config.jobQueueSize,
    memoryLimitBytes: config.workerMemoryLimitBytes ?? 0,
    recycleAfterJobs: config.recycleAfterJobs,
    device: config.device,
  };
}

/** Settings of several sources, the later ones winning; a setting that is undefined in one is left to those before it. */
export function mergeSettings(base: ModelSettings, ...layers: readonly Partial<ModelSettings>[]): ModelSettings {
  const merged: Record<string, unknown> = { ...base };
  for (const layer of layers) {
    for (const key of Object.keys(base)) {
      const value = layer[key as keyof ModelSettings];
      if (value !== undefined) merged[key] = value;
    }
  }
  return merged as unknown as ModelSettings;
}
