import { rm } from 'node:fs/promises';
import { EisenError, isEisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import type { ModelFactory, ModelRequest } from './model-factory.js';
import { type ResolvedSource, resolveSource, type StoreRules } from './model-store/resolve-source.js';
import type { RegisteredModel, Registry } from './registry.js';

export interface RegisterRequest extends Omit<ModelRequest, 'archivePath'> {
  /** A name in the model store or a URL; shown by list and describe. */
  readonly url: string;
  /** Workers to start with when neither archive nor configuration says otherwise. */
  readonly initialWorkers: number;
  readonly loadedAtStartup: boolean;
}

export interface RegisterDeps {
  readonly registry: Registry;
  readonly createModel: ModelFactory;
  readonly rules: StoreRules;
}

export interface Registration {
  readonly model: RegisteredModel;
  readonly workers: number;
  /** Settles when the workers answer; rejects WORKER_START_FAILED after the registration was taken back. */
  readonly started: Promise<void>;
}

const MODEL_NAME = /^[A-Za-z0-9._-]+$/;

function checkName(name: string): void {
  if (MODEL_NAME.test(name) && name.length <= LIMITS.modelNameBytes) return;
  throw new EisenError(
    'PARAMETER_INVALID',
    `Model name ${JSON.stringify(name.slice(0, 100))} cannot stand in a path.`,
    {
      where: 'model_name',
      expected: `1 to ${LIMITS.modelNameBytes} of A-Z, a-z, 0-9, '.', '_' and '-'`,
    },
  );
}

/** The sentence that clients of TorchServe know; the cause stays in the details. Memory keeps its own status. */
export function startFailed(model: RegisteredModel, cause: unknown): EisenError {
  const { name, version } = model.runtime;
  const isMemory = isEisenError(cause) && cause.code === 'WORKER_OUT_OF_MEMORY';
  const reason = isEisenError(cause) ? cause.message : 'The server failed; its log tells more.';
  return new EisenError(
    isMemory ? 'WORKER_MEMORY_AT_START' : 'WORKER_START_FAILED',
    `Failed to start workers for model ${name} version: ${version}`,
    { found: reason, hint: isEisenError(cause) ? cause.details.hint : undefined, cause },
  );
}

async function takeBack(registry: Registry, model: RegisteredModel): Promise<void> {
  const { name, version } = model.runtime;
  try {
    registry.remove(name, version);
  } catch {
    // Removed meanwhile, or made the default of others that came since: then it stays, without workers.
    return;
  }
  await discardModel(model);
}

/** Ends what a registration holds: its workers at once, and its own copy of the archive. */
export async function discardModel(model: RegisteredModel, drainMs = 0): Promise<void> {
  await model.runtime.stop({ drainMs });
  if (model.ownedPath !== undefined) await rm(model.ownedPath, { force: true });
}

async function createFrom(
  source: ResolvedSource,
  request: RegisterRequest,
  deps: RegisterDeps,
): Promise<RegisteredModel & { wanted: { min: number; max: number } }> {
  const { url, initialWorkers, loadedAtStartup, ...rest } = request;
  const created = await deps.createModel({ ...rest, archivePath: source.archivePath });
  const wanted = created.wantedWorkers ?? { min: initialWorkers, max: initialWorkers };
  return {
    runtime: created.runtime,
    runtimeName: created.runtimeName,
    url,
    loadedAtStartup,
    ownedPath: source.ownedPath,
    wanted,
  };
}

/**
 * Registers a model: finds its archive, enters it, starts its workers. The model can be asked as soon as this resolves;
 * `started` tells when its workers answer. Whatever fails is taken back: no entry, no file, no process stays.
 */
export async function registerModel(request: RegisterRequest, deps: RegisterDeps): Promise<Registration> {
  if (request.name !== undefined) checkName(request.name);
  const source = await resolveSource(request.url, deps.rules);
  let entered = false;
  try {
    const { wanted, ...model } = await createFrom(source, request, deps);
    try {
      checkName(model.runtime.name);
      deps.registry.add(model);
      entered = true;
    } catch (error) {
      await model.runtime.stop({ drainMs: 0 });
      throw error;
    }
    const started = wanted.min === 0 && wanted.max === 0 ? Promise.resolve() : model.runtime.scale(wanted);
    return {
      model,
      workers: wanted.min,
      started: started.catch(async (cause: unknown) => {
        await takeBack(deps.registry, model);
        throw startFailed(model, cause);
      }),
    };
  } finally {
    if (!entered && source.ownedPath !== undefined) await rm(source.ownedPath, { force: true });
  }
}
