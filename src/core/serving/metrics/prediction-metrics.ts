import type { JobTiming } from '../model-runtime.js';
import type { Series } from './family.js';
import { addFailure, addSuccess, type ModelStatistics } from './model-statistics.js';
import { type ModelStages, observeStages } from './stage-histograms.js';

/** What is counted of the predictions with one model version, under the version that the URL named. */
export interface PredictionMetrics {
  readonly statistics: ModelStatistics;
  /** One was asked for. */
  count(): void;
  /** One was answered; `totalMs` counts from the complete request. */
  observe(timing: JobTiming, totalMs: number): void;
  observeFailure(totalMs: number): void;
}

/** The series that a prediction moves. They are looked up once: finding one costs more than using it. */
export interface PredictionSeries {
  readonly requests: Series;
  readonly latencyMicros: Series;
  readonly queueMicros: Series;
  /** Of the last prediction, in milliseconds. */
  readonly queueTime: Series;
  /** Time in this process, of the last prediction. */
  readonly threadTime: Series;
  readonly stages: ModelStages;
  readonly statistics: ModelStatistics;
}

export function createPredictionMetrics(series: PredictionSeries, now: () => number): PredictionMetrics {
  const { requests, latencyMicros, queueMicros, queueTime, threadTime, stages, statistics } = series;
  return {
    statistics,
    count() {
      requests.record(1);
    },
    observe(timing, totalMs) {
      latencyMicros.record(Math.round(totalMs * 1000));
      queueMicros.record(Math.round(timing.queueMs * 1000));
      queueTime.record(Math.round(timing.queueMs));
      threadTime.record(Math.max(0, Math.round(totalMs - timing.queueMs - timing.workerMs)));
      observeStages(stages, timing, totalMs);
      addSuccess(statistics, { timing, totalMs, nowMs: now() });
    },
    observeFailure(totalMs) {
      addFailure(statistics, totalMs);
    },
  };
}
