import { readdirSync } from 'node:fs';
import { EisenError, isEisenError } from '../../errors/error.js';
import { didYouMean } from '../../errors/nearest-name.js';
import type { ServerConfig, StartupModel } from '../config/server-config.js';
import { type RegisterDeps, registerModel } from '../register-model.js';
import type { Registry } from '../registry.js';
import type { ServerLogs } from './logs/server-logs.js';

/** What `ALL` means: archives and folders of the store, hidden ones aside, in the order of their names. */
export function chooseAllModels(
  entries: readonly { readonly name: string; readonly isFolder: boolean }[],
): StartupModel[] {
  return entries
    .filter(({ name, isFolder }) => !name.startsWith('.') && (isFolder || /\.(mar|model|tar\.gz)$/.test(name)))
    .map(({ name }) => ({ name: null, url: name }))
    .sort((a, b) => (a.url < b.url ? -1 : 1));
}

/** The models that the configuration wants at the start. */
export function listStartupModels(config: Pick<ServerConfig, 'loadModels' | 'modelStore'>): readonly StartupModel[] {
  if (config.loadModels !== 'ALL') return config.loadModels;
  const entries = readdirSync(config.modelStore, { withFileTypes: true });
  return chooseAllModels(entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() })));
}

export interface FailedModel {
  readonly model: StartupModel;
  readonly error: unknown;
}

/** To an operator, unlike to a client, it may be said where a model was looked for and what else lies there. */
function explainToOperator(error: unknown, model: StartupModel, modelStore: string): unknown {
  if (!isEisenError(error)) return error;
  if (error.code === 'WORKER_START_FAILED' && error.details.found !== undefined) {
    return new EisenError(error.code, `${error.message}: ${error.details.found}`, { ...error.details, cause: error });
  }
  if (!error.message.startsWith('Model not found at: ')) return error;
  const entries = readdirSync(modelStore, { withFileTypes: true });
  const there = chooseAllModels(entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() })));
  const names = there.map(({ url }) => url);
  const near = didYouMean(model.url, names) || didYouMean(`${model.url}.mar`, names);
  const found = names.length === 0 ? 'it holds no archive' : `it holds ${names.slice(0, 10).join(', ')}`;
  return new EisenError(error.code, `${error.message}; looked in ${modelStore}, ${found}.${near}`, {
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
 * workers of all answer. A model that fails is logged and told; the others go on.
 */
export async function loadStartupModels(
  config: ServerConfig,
  deps: RegisterDeps,
  logs: ServerLogs,
): Promise<FailedModel[]> {
  const failed: FailedModel[] = [];
  const waits: Promise<void>[] = [];
  const initialWorkers = Math.max(1, config.defaultWorkersPerModel);
  for (const model of listStartupModels(config)) {
    const fail = (thrown: unknown): void => {
      const error = explainToOperator(thrown, model, config.modelStore);
      failed.push({ model, error });
      logs.server({ level: 'ERROR', message: `Failed to load model: ${model.url}`, cause: error });
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
