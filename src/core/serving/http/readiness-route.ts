import type { Registry } from '../registry.js';
import type { Route } from './exchange.js';
import { refuseMethod } from './refusals.js';
import { jsonReply } from './reply.js';

/** `GET /v1/models/{m}` on the management listener: KServe's question whether a model can be asked. A verb behind the name counts for nothing. */
export function createReadinessRoute(registry: Registry): Route {
  return {
    api: 'management',
    matches: ({ target: { segments } }) => segments.length === 3 && segments[0] === 'v1' && segments[1] === 'models',
    answer({ method, target }) {
      if (method !== 'GET') throw refuseMethod();
      const [name = ''] = target.segments[2]!.split(':');
      return jsonReply(200, { name, ready: registry.find(name).runtime.ready });
    },
  };
}
