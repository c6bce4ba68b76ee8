import { EisenError } from '../../errors/error.js';
import { startFailed } from '../register-model.js';
import type { Registry } from '../registry.js';
import type { Exchange } from './exchange.js';
import { readCount, readFlag, readInteger } from './parameters.js';
import { type Reply, statusReply } from './reply.js';

/** `PUT /models/{m}[/{v}]`. */
export async function answerScale(
  exchange: Exchange,
  deps: { readonly registry: Registry; readonly onBackgroundFailure: (error: unknown) => void },
): Promise<Reply> {
  const { query, segments } = exchange.target;
  const [, name, inPath] = segments;
  const version = inPath ?? query.get('model_version') ?? undefined;
  const min = readCount(query, 'min_worker', { fallback: 1, min: 0 });
  const max = readInteger(query, 'max_worker', min);
  if (max < min)
    throw new EisenError('PARAMETER_INVALID', 'max_worker cannot be less than min_worker.', { where: 'max_worker' });

  const model = deps.registry.find(name!, version);
  const scaled = model.runtime.scale({ min, max }).then(
    () => deps.registry.announceScaled(model.runtime.name, model.runtime.version),
    (cause: unknown) => {
      throw startFailed(model, cause);
    },
  );
  if (!readFlag(query, 'synchronous', false)) {
    scaled.catch(deps.onBackgroundFailure);
    return statusReply('Processing worker updates...', 202);
  }
  await scaled;
  const suffix = version === undefined ? '' : `, version: ${version}`;
  return statusReply(`Workers scaled to ${min} for model: ${name}${suffix}`);
}
