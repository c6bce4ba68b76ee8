import { createSampleFamily, type SampleFamily } from './family.js';

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

export interface PeerFamilies {
  readonly of: Readonly<Record<PeerFamilyName, SampleFamily>>;
  readonly all: readonly SampleFamily[];
  readonly unitOf: ReadonlyMap<string, string>;
}

export function createPeerFamilies(): PeerFamilies {
  const made = ROWS.map(([name, kind, unit, labels]) => {
    const help = `Torchserve prometheus ${kind} metric with unit: ${unit}`;
    return [name, createSampleFamily(kind, { name, help, labels })] as const;
  });
  return {
    of: Object.fromEntries(made) as Record<PeerFamilyName, SampleFamily>,
    all: made.map(([, family]) => family),
    unitOf: new Map(ROWS.map(([name, , unit]) => [name, unit])),
  };
}
