import { discardModel } from '../register-model.js';
import type { Registry } from '../registry.js';
import type { Exchange } from './exchange.js';
import { readInteger } from './parameters.js';
import { type Reply, statusReply } from './reply.js';

/**
 * `DELETE /models/{m}[/{v}]`: new requests find the model no more, those it has accepted are answered, within `timeout` seconds
 * of the query or the configured time; then its workers end.
 */
export async function answerUnregister(
  exchange: Exchange,
  deps: { readonly registry: Registry; readonly timeoutMs: number },
): Promise<Reply> {
  const [, name, version] = exchange.target.segments;
  const asked = readInteger(exchange.target.query, 'timeout', null);
  const drainMs = asked === null || asked < 0 ? deps.timeoutMs : Math.min(asked * 1000, deps.timeoutMs);
  const model = deps.registry.remove(name!, version);
  await discardModel(model, drainMs);
  return statusReply(`Model "${name}" unregistered`);
}
