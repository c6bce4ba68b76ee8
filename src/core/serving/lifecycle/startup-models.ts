import { readdirSync } from 'node:fs';
import { EisenError, isEisenError } from '../../errors/error.js';
import type { ServerConfig, StartupModel } from '../config/server-config.js';
import { chooseArchives } from '../model-store/list-archives.js';
import { type RegisterDeps, registerModel } from '../register-model.js';
import type { Registry } from '../registry.js';

/** What `ALL` means: all that the store can serve. */
export function chooseAllModels(
  entries: readonly { readonly name: string; readonly isFolder: boolean }[],
): StartupModel[] {
  return chooseArchives(entries).map((name) => ({ name: null, url: name }));
}

/** The models that the configuration wants at the start. */
function listStartupModels(config: Pick<ServerConfig, 'loadModels' | 'modelStore'>): readonly StartupModel[] {
  if (config.loadModels !== 'ALL') return config.loadModels;
  const entries = readdirSync(config.modelStore, { withFileTypes: true });
  return chooseAllModels(entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() })));
}

export interface FailedModel {
  readonly model: StartupModel;
  readonly error: unknown;
}

/** At a start there is one line for everything: why a worker did not start, and what the store holds instead. */
function explainInOneLine(error: unknown): unknown {
  if (!isEisenError(error)) return error;
  if (error.code === 'WORKER_START_FAILED' && error.details.found !== undefined) {
    return new EisenError(error.code, `${error.message}: ${error.details.found}`, { ...error.details, cause: error });
  }
  const { hint } = error.details;
  if (!error.message.startsWith('Model not found at: ') || hint === undefined) return error;
  return new EisenError(error.code, `${error.message}; ${hint.replace(/^L/, 'l')}`, {
    ...error.details,
    cause: error,
  });
}

function restoreDefaults(config: ServerConfig, registry: Registry): void {
  const isLoaded = (name: string, version: string): boolean =>
    registry.all().some(({ runtime }) => runtime.name === name && runtime.version === version);
  for (const [name, versions] of config.modelOverrides) {
    for (const [version, { defaultVersion }] of versions) {
      if (defaultVersion === true && isLoaded(name, version)) registry.setDefault(name, version);
    }
  }
}

/**
 * Registers the models of the start in their order (the first version of a name becomes its default) and waits until the
 * workers of all answer. A model that fails is told at once and at the end; the others go on.
 */
export async function loadStartupModels(
  config: ServerConfig,
  deps: RegisterDeps,
  onFailed: (failed: FailedModel) => void,
): Promise<FailedModel[]> {
  const failed: FailedModel[] = [];
  const waits: Promise<void>[] = [];
  const initialWorkers = Math.max(1, config.defaultWorkersPerModel);
  for (const model of listStartupModels(config)) {
    const fail = (thrown: unknown): void => {
      const found = { model, error: explainInOneLine(thrown) };
      failed.push(found);
      onFailed(found);
    };
    const request = {
      url: model.url,
      name: model.name ?? undefined,
      initialWorkers,
      loadedAtStartup: true,
      settings: {},
    };
    try {
      const { started } = await registerModel(request, deps);
      waits.push(started.catch(fail));
    } catch (error) {
      fail(error);
    }
  }
  await Promise.all(waits);
  restoreDefaults(config, deps.registry);
  return failed;
}
