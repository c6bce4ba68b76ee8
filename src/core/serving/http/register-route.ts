import { EisenError } from '../../errors/error.js';
import type { ModelSettings } from '../model-runtime.js';
import { type RegisterDeps, type RegisterRequest, registerModel } from '../register-model.js';
import type { Exchange } from './exchange.js';
import { type Parameters, readCount, readFlag, readParameters } from './parameters.js';
import { type Reply, statusReply } from './reply.js';

export interface RegisterRouteDeps extends RegisterDeps {
  readonly defaultWorkers: number;
  /** Told of workers that failed to start after the reply had left. */
  readonly onBackgroundFailure: (error: unknown) => void;
}

const RUNTIMES = ['python', 'python3', 'LSP'];

function parseSettings(parameters: Parameters): Partial<ModelSettings> {
  const settings: { -readonly [Key in keyof ModelSettings]?: number } = {};
  const take = (
    name: string,
    key: 'batchSize' | 'maxBatchDelayMs' | 'responseTimeoutMs' | 'startupTimeoutMs',
    min: number,
    factor = 1,
  ): void => {
    const value = readCount(parameters, name, { fallback: null, min });
    if (value !== null) settings[key] = value * factor;
  };
  take('batch_size', 'batchSize', 1);
  take('max_batch_delay', 'maxBatchDelayMs', 0);
  take('response_timeout', 'responseTimeoutMs', 0, 1000);
  take('startup_timeout', 'startupTimeoutMs', 0, 1000);
  return settings as Partial<ModelSettings>;
}

/** Throws PARAMETER_INVALID. */
function parseRegisterRequest(parameters: Parameters, defaultWorkers: number): RegisterRequest {
  const url = parameters.get('url');
  if (url === null) throw new EisenError('PARAMETER_INVALID', 'Parameter url is required.', { where: 'url' });
  const runtimeName = parameters.get('runtime') ?? undefined;
  if (runtimeName !== undefined && !RUNTIMES.includes(runtimeName)) {
    throw new EisenError('PARAMETER_INVALID', `Invalid RuntimeType value: ${runtimeName.slice(0, 100)}`, {
      where: 'runtime',
      expected: RUNTIMES.join(', '),
    });
  }
  return {
    url,
    name: parameters.get('model_name') || undefined,
    handler: parameters.get('handler') ?? undefined,
    runtimeName,
    initialWorkers: readCount(parameters, 'initial_workers', { fallback: defaultWorkers, min: 0 }),
    settings: parseSettings(parameters),
    loadedAtStartup: false,
  };
}

/** `POST /models`. */
export async function answerRegister(exchange: Exchange, deps: RegisterRouteDeps): Promise<Reply> {
  const parameters = await readParameters(exchange);
  const isSynchronous = readFlag(parameters, 'synchronous', true);
  const { model, workers, started } = await registerModel(parseRegisterRequest(parameters, deps.defaultWorkers), deps);
  const title = `Model "${model.runtime.name}" Version: ${model.runtime.version} registered with ${workers} initial workers`;
  if (workers === 0) {
    await started;
    return statusReply(`${title}. Use scale workers API to add workers for the model.`);
  }
  if (!isSynchronous) {
    started.catch(deps.onBackgroundFailure);
    return statusReply('Processing worker updates...', 202);
  }
  await started;
  return statusReply(title);
}
