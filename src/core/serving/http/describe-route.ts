import { EisenError } from '../../errors/error.js';
import type { RegisteredModel, Registry } from '../registry.js';
import { collectReply } from '../whole-reply.js';
import { describeModel } from './describe-model.js';
import type { Exchange } from './exchange.js';
import { readFlag } from './parameters.js';
import { submitJob } from './predict.js';
import { jsonReply, type Reply } from './reply.js';

function parseObject(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

/** What the model tells of itself: packaged metadata at once, else by asking its handler. */
async function fetchCustomizedMetadata(exchange: Exchange, model: RegisteredModel): Promise<unknown> {
  const { runtime } = model;
  if (runtime.metadata !== null) return runtime.metadata;
  if (runtime.workers.length === 0) {
    throw new EisenError(
      'NO_WORKER',
      `Model "${runtime.name}" has no worker to serve describe request. Please use scale workers API to add workers.`,
    );
  }
  const { requestId, signal } = exchange;
  const headers = [['describe', 'True']] as const;
  const reply = await submitJob(model, { requestId, signal, kind: 'describe', headers, parameters: [] });
  const { body } = await collectReply(reply);
  return parseObject(Buffer.concat(body).toString('utf8'));
}

/** `GET /models/{m}[/{v}|/all]`: an array in every case. `customized` has no say with `all`. */
export async function answerDescribe(exchange: Exchange, registry: Registry): Promise<Reply> {
  const [, name, asked, action] = exchange.target.segments;
  // Asking for the path that sets a default describes the default, as TorchServe does.
  const version = action === 'set-default' ? undefined : asked;
  if (version === 'all') {
    return jsonReply(
      200,
      registry.versionsOf(name!).map((model) => describeModel(model)),
    );
  }
  const model = registry.find(name!, version);
  const isCustomized = readFlag(exchange.target.query, 'customized', false);
  const metadata = isCustomized ? await fetchCustomizedMetadata(exchange, model) : undefined;
  return jsonReply(200, [describeModel(model, metadata)]);
}
