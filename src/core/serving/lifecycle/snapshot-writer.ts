import { mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import type { ServerConfig } from '../config/server-config.js';
import type { Registry } from '../registry.js';
import { renderSnapshot, type SnapshotKind, type SnapshotModel, snapshotFileName } from './snapshot.js';

function listModels(registry: Registry): SnapshotModel[] {
  return registry.all().map(({ runtime, runtimeName }) => ({
    runtime,
    runtimeName,
    marName: path.basename(runtime.archivePath),
    isDefault: registry.defaultVersionOf(runtime.name) === runtime.version,
  }));
}

async function writeWhole(file: string, text: string): Promise<void> {
  const beside = `${file}.part`;
  const handle = await open(beside, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
}

/** Writes snapshots one after another; a failed write is told and costs nothing else. */
export function createSnapshotWriter(options: {
  readonly config: ServerConfig;
  readonly registry: Registry;
  readonly onProblem: (error: unknown) => void;
}): (kind: SnapshotKind) => Promise<void> {
  const { config, registry } = options;
  const folder = path.join(config.logs.folder, 'config');
  let last: Promise<void> = Promise.resolve();
  return (kind) => {
    if (!config.writeSnapshots) return last;
    const time = new Date();
    const name = snapshotFileName(kind, time);
    const text = renderSnapshot({ name, time, properties: config.properties, models: listModels(registry) });
    last = last
      .then(() => mkdir(folder, { recursive: true }))
      .then(() => writeWhole(path.join(folder, name), text))
      .catch(options.onProblem);
    return last;
  };
}
