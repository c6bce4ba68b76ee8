import type { JobTiming } from '../model-runtime.js';

interface Duration {
  count: number;
  ns: number;
}

const KINDS = [
  'success',
  'fail',
  'queue',
  'compute_input',
  'compute_infer',
  'compute_output',
  'cache_hit',
  'cache_miss',
] as const;

/** Counts and times of one model version since it was registered. */
export interface ModelStatistics {
  readonly inferenceStats: Readonly<Record<(typeof KINDS)[number], Duration>>;
  inferenceCount: number;
  /** Milliseconds since 1970; 0 before the first. */
  lastInferenceMs: number;
}

export interface StatisticsBook {
  of(name: string, version: string): ModelStatistics;
  forget(name: string, version: string): void;
}

function add(duration: Duration, ms: number): void {
  duration.count += 1;
  duration.ns += Math.round(ms * 1e6);
}

/** Counts a prediction that was answered. */
export function addSuccess(
  statistics: ModelStatistics,
  outcome: { readonly timing: JobTiming; readonly totalMs: number; readonly nowMs: number },
): void {
  const { timing, totalMs, nowMs } = outcome;
  const { inferenceStats: stats } = statistics;
  add(stats.success, totalMs);
  statistics.inferenceCount += 1;
  statistics.lastInferenceMs = nowMs;
  add(stats.queue, timing.queueMs);
  add(stats.compute_input, (timing.decodeMs ?? 0) + (timing.preProcessMs ?? 0));
  add(stats.compute_infer, timing.inferenceMs ?? timing.workerMs);
  add(stats.compute_output, (timing.postProcessMs ?? 0) + (timing.encodeMs ?? 0));
}

/** Counts a prediction that failed. */
export function addFailure(statistics: ModelStatistics, totalMs: number): void {
  add(statistics.inferenceStats.fail, totalMs);
}

export function createStatisticsBook(): StatisticsBook {
  const book = new Map<string, ModelStatistics>();
  return {
    of(name, version) {
      const key = `${name}/${version}`;
      let found = book.get(key);
      if (found === undefined) {
        const inferenceStats = Object.fromEntries(KINDS.map((kind) => [kind, { count: 0, ns: 0 }]));
        found = {
          inferenceStats: inferenceStats as ModelStatistics['inferenceStats'],
          inferenceCount: 0,
          lastInferenceMs: 0,
        };
        book.set(key, found);
      }
      return found;
    },
    forget: (name, version) => void book.delete(`${name}/${version}`),
  };
}
