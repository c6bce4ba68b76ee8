import { EisenError } from '../../core/errors/error.js';
import type { ServerConfig } from '../../core/serving/config/server-config.js';
import type { ServerLogs } from '../../core/serving/lifecycle/logs/server-logs.js';
import type { ServerMetrics } from '../../core/serving/metrics/server-metrics.js';
import type { ModelFactory } from '../../core/serving/model-factory.js';

/** What turns archives into served models. */
export interface OpenModelFactory {
  readonly createModel: ModelFactory;
  /** Removes what was put on disk. */
  close(): Promise<void>;
}

/** Makes the models of one server. */
export function openModelFactory(_context: {
  readonly config: ServerConfig;
  readonly logs: ServerLogs;
  readonly metrics: ServerMetrics;
}): OpenModelFactory {
  return {
    createModel: async ({ archivePath }) => {
      throw new EisenError('WORKER_START_FAILED', `${archivePath}: this build has no worker to load it with.`);
    },
    close: async () => undefined,
  };
}
