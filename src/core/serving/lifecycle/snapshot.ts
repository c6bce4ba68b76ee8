import { renderProperties } from '../config/properties.js';
import type { RegisteredModel } from '../registry.js';

export type SnapshotKind = 'startup' | 'snapshot' | 'shutdown';

/** Secrets are never written into a snapshot, nor is the snapshot itself copied into the next one. */
const LEFT_OUT = ['model_snapshot', 'inference_token', 'management_token', 'keystore_pass'];

/** `20261122185546555-startup.cfg`, in local time as the peer names it. */
export function snapshotFileName(kind: SnapshotKind, time: Date): string {
  const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
  const day = `${time.getFullYear()}${pad(time.getMonth() + 1)}${pad(time.getDate())}`;
  const clock = `${pad(time.getHours())}${pad(time.getMinutes())}${pad(time.getSeconds())}`;
  return `${day}${clock}${pad(time.getMilliseconds(), 3)}-${kind}.cfg`;
}

const SNAPSHOT_NAME = /^\d{17}-(startup|snapshot|shutdown)\.cfg$/;

/** The newest snapshot among file names; strangers in the folder do not count. */
export function newestSnapshot(names: readonly string[]): string | null {
  return (
    names
      .filter((name) => SNAPSHOT_NAME.test(name))
      .sort((a, b) => (a < b ? -1 : 1))
      .at(-1) ?? null
  );
}

function describeModel({ runtime, marName, runtimeName, isDefault }: SnapshotModel): Record<string, unknown> {
  const { settings } = runtime;
  return {
    defaultVersion: isDefault,
    marName,
    minWorkers: settings.minWorkers,
    maxWorkers: settings.maxWorkers,
    batchSize: settings.batchSize,
    maxBatchDelay: settings.maxBatchDelayMs,
    responseTimeout: Math.round(settings.responseTimeoutMs / 1000),
    startupTimeout: Math.round(settings.startupTimeoutMs / 1000),
    runtimeType: runtimeName,
  };
}

/** A registered model as a snapshot needs it. */
export interface SnapshotModel extends Pick<RegisteredModel, 'runtime' | 'runtimeName'> {
  /** The archive's file name in the model store. */
  readonly marName: string;
  readonly isDefault: boolean;
}

/** The text of a snapshot: the effective configuration and, as JSON in `model_snapshot`, the registered models. */
export function renderSnapshot(snapshot: {
  readonly name: string;
  readonly time: Date;
  readonly properties: ReadonlyMap<string, string>;
  readonly models: readonly SnapshotModel[];
}): string {
  const models = new Map<string, Record<string, unknown>>();
  for (const model of snapshot.models) {
    const { name, version } = model.runtime;
    models.set(name, { ...models.get(name), [version]: describeModel(model) });
  }
  const json = JSON.stringify(
    {
      name: snapshot.name,
      modelCount: snapshot.models.length,
      created: snapshot.time.getTime(),
      models: Object.fromEntries(models),
    },
    null,
    2,
  );
  const kept = [...snapshot.properties].filter(([key]) => !LEFT_OUT.includes(key));
  const properties = new Map([...kept, ['model_snapshot', json] as const]);
  return renderProperties(properties, `Saving snapshot\n#${snapshot.time.toUTCString()}`);
}
