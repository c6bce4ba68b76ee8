import { archiveCodeEnvironment } from '../../core/serving/config/archive-code-env.js';
import type { ServerConfig } from '../../core/serving/config/server-config.js';
import { renderModelMetric } from '../../core/serving/lifecycle/logs/model-metric-line.js';
import type { ServerLogs } from '../../core/serving/lifecycle/logs/server-logs.js';
import { parseMetricLine } from '../../core/serving/metrics/metric-line.js';
import type { ServerMetrics } from '../../core/serving/metrics/server-metrics.js';
import type { ModelFactory } from '../../core/serving/model-factory.js';
import { createModelFactory } from '../../core/serving/pool/create-model-factory.js';
import { archiveCodeLauncher } from '../../core/serving/pool/python-launcher.js';
import { createWorkerHost } from '../../core/serving/pool/worker-host.js';

/** What turns archives into served models. */
export interface OpenModelFactory {
  readonly createModel: ModelFactory;
  /** Removes what was put on disk. */
  close(): Promise<void>;
}

/** Makes the models of one server: what workers print goes to the logs, what they measure to the metrics. */
export function openModelFactory(context: {
  readonly config: ServerConfig;
  readonly logs: ServerLogs;
  readonly metrics: ServerMetrics;
}): OpenModelFactory {
  const { config, logs, metrics } = context;
  const host = createWorkerHost({
    firstWorkerId: config.initialWorkerPort,
    onLine: ({ model, version, workerId, stream, line }) => {
      const metric = stream === 'stdout' ? parseMetricLine(line) : null;
      if (metric !== null && metrics.observeLine(line)) logs.modelMetric(renderModelMetric(metric, new Date()));
      else logs.worker({ worker: `W-${workerId}-${model}_${version}`, stream, line });
    },
    onLoaded: ({ workerId, model, version, ms }) => metrics.observeWorkerLoad({ workerId, name: model, version, ms }),
  });
  return {
    createModel: createModelFactory({
      config,
      host,
      ...(config.allowArchiveCode
        ? {
            launchArchiveCode: archiveCodeLauncher({
              ...{ python: config.pythonCommand, host, env: archiveCodeEnvironment(config, process.env) },
              ...{ envelope: config.serviceEnvelope ?? '', limitMaxImagePixels: config.limitMaxImagePixels },
            }),
          }
        : {}),
    }),
    close: async () => host.close(),
  };
}
