/** A metric as a worker writes it to its standard output. */
export interface MetricLine {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly dimensions: ReadonlyMap<string, string>;
  readonly kind: 'COUNTER' | 'GAUGE' | 'HISTOGRAM';
  readonly hostname: string;
  readonly requestId: string;
}

const LINE =
  /^\[METRICS\]([A-Za-z_][\w]{0,99})\.([A-Za-z/]{1,40}):(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\|#([^|]*)(?:\|#type:([A-Z]+))?\|#hostname:([^,]*),(\d+)(?:,(.*))?$/;

/** Parses `[METRICS]Name.Unit:value|#Key:value,…|#type:GAUGE|#hostname:h,seconds,requestId`; null for any other line. */
export function parseMetricLine(text: string): MetricLine | null {
  const match = text.length > 4096 ? null : LINE.exec(text.trimEnd());
  if (match === null) return null;
  const [, name, unit, value, dimensions, kind, hostname, , requestId] = match;
  const pairs = dimensions!
    .split(',')
    .map((pair) => [pair.slice(0, pair.indexOf(':')), pair.slice(pair.indexOf(':') + 1)] as const)
    .filter(([key]) => key !== '');
  return {
    name: name!,
    unit: unit!,
    value: Number(value),
    dimensions: new Map(pairs),
    kind: kind === 'GAUGE' || kind === 'HISTOGRAM' ? kind : 'COUNTER',
    hostname: hostname!,
    requestId: requestId ?? '',
  };
}

/** A metric of the server as a line of ts_metrics.log. */
export function renderLogLine(metric: {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly dimensions: readonly (readonly [string, string])[];
  readonly hostname: string;
  readonly seconds: number;
}): string {
  const dimensions = metric.dimensions.map(([key, value]) => `${key}:${value}`).join(',');
  const value = Number.isInteger(metric.value) ? `${metric.value}.0` : String(metric.value);
  return `${metric.name}.${metric.unit}:${value}|#${dimensions}|#hostname:${metric.hostname},timestamp:${metric.seconds}`;
}
