import { archiveCodeEnvironment } from '../../core/serving/config/archive-code-env.js';
import type { ServerConfig } from '../../core/serving/config/server-config.js';
import { renderModelMetric } from '../../core/serving/lifecycle/logs/model-metric-line.js';
import type { ServerLogs } from '../../core/serving/lifecycle/logs/server-logs.js';
import { describeWorkerEnd } from '../../core/serving/lifecycle/logs/worker-end-line.js';
import { parseMetricLine } from '../../core/serving/metrics/metric-line.js';
import type { MetricSpec } from '../../core/serving/metrics/metric-spec.js';
import type { ServerMetrics } from '../../core/serving/metrics/server-metrics.js';
import type { ModelFactory } from '../../core/serving/model-factory.js';
import { createModelFactory } from '../../core/serving/pool/create-model-factory.js';
import { createNodeLauncher } from '../../core/serving/pool/node-launcher.js';
import { archiveCodeLauncher } from '../../core/serving/pool/python-launcher.js';
import { threadsPerWorker } from '../../core/serving/pool/threads-per-worker.js';
import { createWorkerHost, type WorkerHost } from '../../core/serving/pool/worker-host.js';

/** What turns archives into served models. */
export interface OpenModelFactory {
  readonly createModel: ModelFactory;
  /** Ends the worker that was started ahead, if no model has taken it. */
  dropSpare(): void;
  /** Removes what was put on disk. */
  close(): Promise<void>;
}

/** Most models want a worker of the server's own settings; the first one shall not wait for its process. */
function startSpare(config: ServerConfig, host: WorkerHost): void {
  if (config.loadModels !== 'ALL' && config.loadModels.length === 0) return;
  const launcher = createNodeLauncher({
    ...{ modelName: '', archivePath: '', batchSize: 1 },
    ...{ selfTest: config.selfTestModels, prepacking: config.prepackWeights },
  });
  const threads = threadsPerWorker(config.defaultWorkersPerModel);
  host.spare.start((folder) => launcher.plan({ workerId: 'spare', folder, threads }));
}

/** Makes the models of one server: what workers print goes to the logs, what they measure to the metrics. */
export function openModelFactory(context: {
  readonly config: ServerConfig;
  readonly logs: ServerLogs;
  readonly metrics: ServerMetrics;
  readonly metricSpecs?: readonly MetricSpec[] | undefined;
}): OpenModelFactory {
  const { config, logs, metrics, metricSpecs = [] } = context;
  // The Python worker does not start on a list that has nothing for it; its own list serves it then.
  const listsReports = metricSpecs.some(({ section }) => section === 'model');
  const host = createWorkerHost({
    firstWorkerId: config.initialWorkerPort,
    onLine: ({ model, version, workerId, stream, line }) => {
      const metric = stream === 'stdout' ? parseMetricLine(line) : null;
      if (metric === null) logs.worker({ worker: `W-${workerId}-${model}_${version}`, stream, line });
      else {
        metrics.observeReported(metric);
        logs.modelMetric(renderModelMetric(metric, new Date()));
      }
    },
    onLoaded: ({ workerId, model, version, ms }) => metrics.observeWorkerLoad({ workerId, name: model, version, ms }),
    onEnded: (end) => logs.server(describeWorkerEnd(end)),
  });
  startSpare(config, host);
  return {
    dropSpare: host.spare.drop,
    createModel: createModelFactory({
      config,
      host,
      ...(config.allowArchiveCode
        ? {
            launchArchiveCode: archiveCodeLauncher({
              ...{ python: config.pythonCommand, host, env: archiveCodeEnvironment(config, process.env) },
              ...{ envelope: config.serviceEnvelope ?? '', limitMaxImagePixels: config.limitMaxImagePixels },
              metricsFile: listsReports ? config.metricsFile : null,
            }),
          }
        : {}),
    }),
    close: async () => host.close(),
  };
}
