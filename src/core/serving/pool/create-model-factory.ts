import type { Archive } from '../../archive/archive.js';
import { openArchive } from '../../archive/open-archive.js';
import { EisenError } from '../../errors/error.js';
import type { Metadata } from '../../metadata/metadata.js';
import { METADATA_ENTRY } from '../../model/entry-names.js';
import { readMetadataEntry } from '../../model/json-entries.js';
import type { ServerConfig } from '../config/server-config.js';
import type { ModelFactory, ModelRequest } from '../model-factory.js';
import type { ModelSettings } from '../model-runtime.js';
import { needsOwnCode } from './archive-code.js';
import { guardArchive } from './archive-guard.js';
import { createModelRuntime } from './create-model-runtime.js';
import { readModelConfig } from './model-config.js';
import { defaultSettings, mergeSettings } from './model-settings.js';
import { createNodeLauncher } from './node-launcher.js';
import type { WorkerHost } from './worker-host.js';
import type { WorkerLauncher } from './worker-launcher.js';

/** An archive that runs by its own code, on its way to a launcher that may do so. */
export interface ArchiveCodeRequest {
  readonly archive: Archive;
  readonly modelName: string;
  readonly handler: string;
  readonly settings: ModelSettings;
}

export interface ModelFactoryOptions {
  readonly config: ServerConfig;
  readonly host: WorkerHost;
  /** Runs archives by their own Python code; absent unless the operator has allowed it. */
  readonly launchArchiveCode?: (request: ArchiveCodeRequest) => Promise<WorkerLauncher>;
}

async function readMetadata(archive: Archive): Promise<Metadata | null> {
  return archive.entries.some(({ name }) => name === METADATA_ENTRY) ? readMetadataEntry(archive) : null;
}

function checkDevice(device: string): void {
  if (device === 'cpu' || device === '' || device === 'auto') return;
  throw new EisenError('DEVICE_UNAVAILABLE', `The inference engine of this build has no device '${device}'.`, {
    where: 'device',
    expected: 'cpu',
    found: device,
    hint: 'onnxruntime-node is installed with its CPU provider only.',
  });
}

/** Makes the models of a server: reads what an archive says of itself, settles its settings and chooses its launcher. */
export function createModelFactory({ config, host, launchArchiveCode }: ModelFactoryOptions): ModelFactory {
  const chooseLauncher = async (request: ArchiveCodeRequest): Promise<WorkerLauncher> => {
    const { archive, modelName, handler, settings } = request;
    if (!needsOwnCode(archive, handler)) {
      return createNodeLauncher({
        ...{ modelName, archivePath: archive.path, batchSize: settings.batchSize, findRefusal: guardArchive(archive) },
        ...{ selfTest: config.selfTestModels, prepacking: config.prepackWeights },
      });
    }
    if (launchArchiveCode !== undefined) return launchArchiveCode(request);
    throw new EisenError('MAR_LEGACY_PICKLE', `${modelName}: the archive can only run by its own Python code.`, {
      where: modelName,
      hint:
        'Convert it with eisen-deploy package --from-legacy, or, when you trust its author, allow its code with ' +
        '--allow-archive-code --python <interpreter>.',
    });
  };

  const build = async (archive: Archive, request: ModelRequest): ReturnType<ModelFactory> => {
    const manifest = archive.manifest;
    const name = request.name ?? manifest?.model.modelName;
    if (name === undefined) {
      throw new EisenError('MAR_MANIFEST', 'Model name is not defined.', { where: 'MAR-INF/MANIFEST.json' });
    }
    const version = manifest?.model.modelVersion ?? '1.0';
    const own = await readModelConfig(archive);
    const override = config.modelOverrides.get(name)?.get(version) ?? {};
    const settings = mergeSettings(defaultSettings(config), own, override, request.settings);
    checkDevice(settings.device);
    const handler = request.handler ?? manifest?.model.handler ?? config.defaultServiceHandler ?? '';
    const launcher = await chooseLauncher({ archive, modelName: name, handler, settings });
    const runtime = createModelRuntime({
      ...{ host, name, version, launcher, settings, archivePath: archive.path },
      handler: needsOwnCode(archive, handler) ? 'archive' : 'built-in',
      metadata: await readMetadata(archive),
      limitBytes: config.maxResponseBytes,
    });
    const min = request.settings.minWorkers ?? override.minWorkers ?? own.minWorkers;
    const max = request.settings.maxWorkers ?? override.maxWorkers ?? own.maxWorkers;
    const wantedWorkers = min === undefined && max === undefined ? null : { min: min ?? max!, max: max ?? min! };
    return { runtime, runtimeName: request.runtimeName ?? manifest?.runtime ?? 'python', wantedWorkers };
  };

  return async (request) => {
    // Once a registration, every byte: the workers that open it later look only at what they read.
    const archive = await openArchive(request.archivePath, { verify: true });
    try {
      return await build(archive, request);
    } finally {
      await archive.close();
    }
  };
}
