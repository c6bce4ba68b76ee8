import os from 'node:os';
import type { ServerConfig } from '../config/server-config.js';
import type { Family } from './family.js';
import { type MetricLine, renderLogLine } from './metric-line.js';
import type { MetricSpec } from './metric-spec.js';
import { createStatisticsBook, type StatisticsBook } from './model-statistics.js';
import { createPeerFamilies, LEGACY_FAMILIES, type PeerFamilyName } from './peer-families.js';
import { createPredictionMetrics, type PredictionMetrics } from './prediction-metrics.js';
import { createReportedMetrics } from './reported-metrics.js';
import { createStageHistograms } from './stage-histograms.js';
import type { SystemMetrics } from './system-metrics.js';

/** Everything the server counts. */
export interface ServerMetrics {
  /** What the statistics extension of the Open Inference Protocol tells. */
  readonly statistics: StatisticsBook;
  /** A reply of any listener has left. */
  countReply(status: number): void;
  /** Makes the series of a model at zero. */
  watchModel(name: string, version: string): void;
  forgetModel(name: string, version: string): void;
  /** Of one model version; `askedVersion` as the URL named it, absent for the default one. */
  predictionsOf(name: string, version: string, askedVersion?: string): PredictionMetrics;
  /** `workerId` as in describe: "9000". */
  observeWorkerLoad(worker: {
    readonly workerId: string;
    readonly name: string;
    readonly version: string;
    readonly ms: number;
  }): void;
  /** What a handler measured. */
  observeReported(metric: MetricLine): void;
  /** Values of the machine, also as lines for the metrics log. */
  observeSystem(metrics: SystemMetrics): string[];
  /** The text form; with names, only those families. */
  render(names?: readonly string[]): string;
}

export interface ServerMetricsOptions {
  readonly mode: ServerConfig['metricsMode'];
  /** Keeps metrics of handlers that no family is known for. */
  readonly autoDetect: boolean;
  /** The families beside our own; without a list, those of the peer. */
  readonly specs?: readonly MetricSpec[];
  readonly hostname?: string;
  readonly now?: () => number;
  /** Told when handlers report more than is kept. */
  readonly warn?: (message: string) => void;
}

export function createServerMetrics(options: ServerMetricsOptions): ServerMetrics {
  const hostname = options.hostname ?? os.hostname();
  const now = options.now ?? Date.now;
  const peer = createPeerFamilies(options.specs);
  const stages = createStageHistograms();
  const statistics = createStatisticsBook();
  const reported = createReportedMetrics({
    listed: peer.reported,
    autoDetect: options.autoDetect,
    isTaken: (name) => [...peer.all, ...stages.all].some((family) => family.name === name),
    warn: options.warn ?? (() => undefined),
  });
  const replies = (['Requests2XX', 'Requests4XX', 'Requests5XX'] as const).map((name) =>
    peer.of[name].at('Host', hostname),
  );
  const hostGauge = (name: PeerFamilyName) => peer.of[name].at('Host', hostname);
  const queueTime = hostGauge('QueueTime');
  const threadTime = hostGauge('WorkerThreadTime');

  const DEFAULT = 'default';
  const predictions = new Map<string, PredictionMetrics>();
  const createPredictions = (name: string, version: string, asked: string): PredictionMetrics =>
    createPredictionMetrics(
      {
        ...{ queueTime, threadTime, stages: stages.of(name, version), statistics: statistics.of(name, version) },
        requests: peer.of.ts_inference_requests_total.at(name, asked, hostname),
        latencyMicros: peer.of.ts_inference_latency_microseconds.at(name, asked, hostname),
        queueMicros: peer.of.ts_queue_latency_microseconds.at(name, asked, hostname),
      },
      now,
    );
  const predictionsOf = (name: string, version: string, asked = DEFAULT): PredictionMetrics => {
    const key = `${name}/${version}/${asked}`;
    let found = predictions.get(key);
    if (found === undefined) {
      found = createPredictions(name, version, asked);
      predictions.set(key, found);
    }
    return found;
  };

  return {
    statistics,
    countReply(status) {
      // Whatever is neither a success nor the client's fault counts as the server's, as TorchServe counts.
      const at = status >= 200 && status < 300 ? 0 : status >= 400 && status < 500 ? 1 : 2;
      replies[at]!.record(1);
    },
    watchModel: (name, version) => void predictionsOf(name, version),
    forgetModel(name, version) {
      stages.forget(name, version);
      statistics.forget(name, version);
      for (const asked of [DEFAULT, version]) predictions.delete(`${name}/${version}/${asked}`);
    },
    predictionsOf,
    observeWorkerLoad({ workerId, name, version, ms }) {
      peer.of.WorkerLoadTime.at(`W-${workerId}-${name}_${version}`, 'Host', hostname).record(Math.round(ms));
    },
    observeReported: reported.record,
    observeSystem(metrics) {
      return (Object.entries(metrics) as [PeerFamilyName, number][]).map(([name, value]) => {
        hostGauge(name).record(value);
        const unit = peer.unitOf.get(name) ?? 'unit';
        return renderLogLine({
          name,
          unit,
          value,
          dimensions: [['Level', 'Host']],
          hostname,
          seconds: Math.floor(now() / 1000),
        });
      });
    },
    render(names) {
      if (options.mode === 'log') return '';
      const families: Family[] = [...peer.all, ...stages.all, ...reported.detected()];
      const shown = families.filter(
        ({ name, isEmpty }) =>
          (options.mode !== 'legacy' || LEGACY_FAMILIES.includes(name)) &&
          (names === undefined || names.length === 0 || (names.includes(name) && !isEmpty)),
      );
      return shown.map((family) => family.render()).join('');
    },
  };
}
