import { createSampleFamily, type SeriesFamily } from './family.js';
import { createPeerHistogramFamily } from './histogram.js';
import type { MetricSpec } from './metric-spec.js';

const HOST = ['Level', 'Hostname'] as const;
const MODEL = ['model_name', 'model_version', 'hostname'] as const;
const HANDLER = ['ModelName', 'Level', 'Hostname'] as const;
const DEVICE = ['Level', 'DeviceId', 'Hostname'] as const;

/** Name, kind, unit and labels of every family that dashboards made for TorchServe read. */
const ROWS = [
  ['Requests2XX', 'counter', 'Count', HOST],
  ['Requests4XX', 'counter', 'Count', HOST],
  ['Requests5XX', 'counter', 'Count', HOST],
  ['ts_inference_requests_total', 'counter', 'Count', MODEL],
  ['ts_inference_latency_microseconds', 'counter', 'Microseconds', MODEL],
  ['ts_queue_latency_microseconds', 'counter', 'Microseconds', MODEL],
  ['QueueTime', 'gauge', 'Milliseconds', HOST],
  ['WorkerThreadTime', 'gauge', 'Milliseconds', HOST],
  ['WorkerLoadTime', 'gauge', 'Milliseconds', ['WorkerName', ...HOST]],
  ['CPUUtilization', 'gauge', 'Percent', HOST],
  ['MemoryUsed', 'gauge', 'Megabytes', HOST],
  ['MemoryAvailable', 'gauge', 'Megabytes', HOST],
  ['MemoryUtilization', 'gauge', 'Percent', HOST],
  ['DiskUsage', 'gauge', 'Gigabytes', HOST],
  ['DiskUtilization', 'gauge', 'Percent', HOST],
  ['DiskAvailable', 'gauge', 'Gigabytes', HOST],
  ['GPUMemoryUtilization', 'gauge', 'Percent', DEVICE],
  ['GPUMemoryUsed', 'gauge', 'Megabytes', DEVICE],
  ['GPUUtilization', 'gauge', 'Percent', DEVICE],
  ['HandlerTime', 'gauge', 'ms', HANDLER],
  ['PredictionTime', 'gauge', 'ms', HANDLER],
] as const;

export type PeerFamilyName = (typeof ROWS)[number][0];

/** What `metrics_mode=legacy` leaves of them. */
export const LEGACY_FAMILIES: readonly string[] = [
  'ts_inference_requests_total',
  'ts_inference_latency_microseconds',
  'ts_queue_latency_microseconds',
];

const REPORTED: readonly string[] = ['HandlerTime', 'PredictionTime'] satisfies PeerFamilyName[];

/** What stands when there is no metrics file. */
const PEER_SPECS: readonly MetricSpec[] = ROWS.map(([name, kind, unit, labels]) => ({
  ...{ name, kind, unit, labels },
  section: REPORTED.includes(name) ? 'model' : 'server',
}));

/** A family of any kind, in the words of the peer. */
export function createPeerFamily({ name, kind, unit, labels }: Omit<MetricSpec, 'section'>): SeriesFamily {
  const facts = { name, help: `Torchserve prometheus ${kind} metric with unit: ${unit}`, labels };
  return kind === 'histogram' ? createPeerHistogramFamily(facts) : createSampleFamily(kind, facts);
}

export interface PeerFamilies {
  /** What the server measures itself. One that the list does not name, or names with too few dimensions, is kept out of `all`. */
  readonly of: Readonly<Record<PeerFamilyName, SeriesFamily>>;
  /** What handlers may report, by name. */
  readonly reported: ReadonlyMap<string, SeriesFamily>;
  /** Those of the list, in its order. */
  readonly all: readonly SeriesFamily[];
  readonly unitOf: ReadonlyMap<string, string>;
}

/** The row of a server's metric whose values can be given for the dimensions that a list names. */
function findRow(spec: MetricSpec) {
  if (spec.section === 'model') return undefined;
  return ROWS.find(([name, , , labels]) => name === spec.name && labels.length === spec.labels.length);
}

/** Which of the server's metrics on a list stay without samples, and why; the peer keeps them empty too. */
export function explainUnfilled(specs: readonly MetricSpec[]): string[] {
  return specs
    .filter((spec) => spec.section === 'server' && findRow(spec) === undefined)
    .map(({ name, labels: found }) => {
      const labels = ROWS.find(([known]) => known === name)?.[3];
      const why =
        labels === undefined
          ? 'the server measures nothing of this name'
          : `it has ${found.length} dimensions; expected ${labels.length}, for ${labels.join(', ')}`;
      return `metrics_config: ${name} of ts_metrics stays without samples: ${why}.`;
    });
}

/**
 * The families of a list; values go to its dimensions by their places, whatever their names are there.
 * @param specs what a metrics file lists; without it the peer's own list
 */
export function createPeerFamilies(specs: readonly MetricSpec[] = PEER_SPECS): PeerFamilies {
  const listed = specs.map((spec) => ({ spec, family: createPeerFamily(spec) }));
  // Without labels there is one series only, and it is there before it is used.
  for (const { spec, family } of listed) if (spec.labels.length === 0) family.at();
  const filled = new Map(listed.flatMap(({ spec, family }) => (findRow(spec) ? [[spec.name, family] as const] : [])));
  const measured = ROWS.map(([name, kind, unit, labels]) => {
    return [name, filled.get(name) ?? createPeerFamily({ name, kind, unit, labels })] as const;
  });
  const reported = listed.flatMap(({ spec, family }) =>
    spec.section === 'model' ? [[spec.name, family] as const] : [],
  );
  return {
    of: Object.fromEntries(measured) as Record<PeerFamilyName, SeriesFamily>,
    reported: new Map(reported),
    all: listed.map(({ family }) => family),
    unitOf: new Map([...PEER_SPECS, ...specs].map(({ name, unit }) => [name, unit])),
  };
}
