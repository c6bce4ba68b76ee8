import type { MetricLine } from '../../metrics/metric-line.js';

/** A metric of a model as a line of model_metrics.log, in the peer's form. */
export function renderModelMetric(metric: MetricLine, time: Date): string {
  const dimensions = [...metric.dimensions].map(([key, value]) => `${key}:${value}`).join(',');
  const seconds = Math.floor(time.getTime() / 1000);
  const request = metric.requestId === '' ? '' : `requestID:${metric.requestId},`;
  return `${metric.name}.${metric.unit}:${metric.value}|#${dimensions}|#hostname:${metric.hostname},${request}timestamp:${seconds}`;
}
