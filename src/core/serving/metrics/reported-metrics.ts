import { LIMITS } from '../../limits.js';
import type { Family, SeriesFamily } from './family.js';
import type { MetricLine } from './metric-line.js';
import type { MetricKind } from './metric-spec.js';
import { createPeerFamily } from './peer-families.js';

/** What handlers measure and print. They name metrics and dimensions as they like: how much is kept of that is bounded here. */
export interface ReportedMetrics {
  record(metric: MetricLine): void;
  /** Families that no list names, in the order in which they were first met. */
  detected(): Iterable<Family>;
}

export function createReportedMetrics(options: {
  /** Families of the list that handlers fill, by name. */
  readonly listed: ReadonlyMap<string, SeriesFamily>;
  /** Keeps metrics that no list names. */
  readonly autoDetect: boolean;
  /** True for a name that the server uses itself. */
  readonly isTaken: (name: string) => boolean;
  readonly warn: (message: string) => void;
}): ReportedMetrics {
  const { listed, autoDetect, isTaken, warn } = options;
  const detected = new Map<string, SeriesFamily>();
  const full = new Set<string>();

  const detect = ({ name, kind, unit, dimensions }: MetricLine): SeriesFamily | undefined => {
    if (!autoDetect || detected.size >= LIMITS.metricFamiliesDetected || isTaken(name)) return undefined;
    const labels = [...dimensions.keys(), 'Hostname'];
    const family = createPeerFamily({ name, kind: kind.toLowerCase() as MetricKind, unit, labels });
    detected.set(name, family);
    return family;
  };
  return {
    detected: () => detected.values(),
    record(metric) {
      const { name, value, dimensions, hostname } = metric;
      const family = listed.get(name) ?? detected.get(name) ?? detect(metric);
      const values = [...dimensions.values(), hostname];
      if (family?.labels.length !== values.length) return;
      const series = family.atMost(LIMITS.metricSeries, ...values);
      if (series !== undefined) series.record(value);
      else if (!full.has(name)) {
        full.add(name);
        warn(
          `metric ${name} of a handler has ${LIMITS.metricSeries} combinations of dimensions; new ones are dropped. ` +
            'Is there an id among its dimensions?',
        );
      }
    },
  };
}
