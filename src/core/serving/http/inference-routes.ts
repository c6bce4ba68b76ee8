import { EisenError } from '../../errors/error.js';
import type { Registry } from '../registry.js';
import type { Exchange, Route } from './exchange.js';
import { predict } from './predict.js';
import { jsonReply, type Reply } from './reply.js';
import type { HttpConfig } from './settings.js';

export interface InferenceDeps {
  readonly config: Pick<HttpConfig, 'maxRequestBytes'>;
  readonly registry: Registry;
  readonly isDraining: () => boolean;
}

/** TorchServe's rule: healthy while every default version has its minimum of workers within their retry window. */
function answerPing({ registry, isDraining }: InferenceDeps): Reply {
  const healthy = !isDraining() && registry.defaults().every((model) => model.runtime.healthy);
  if (healthy) return jsonReply(200, { status: 'Healthy' });
  return { ...jsonReply(isDraining() ? 503 : 500, { status: 'Unhealthy' }), keepsConnection: false };
}

function answerPrediction(deps: InferenceDeps, exchange: Exchange, explain: boolean): Promise<Reply> {
  const [, name, version, ...rest] = exchange.target.segments;
  if (name === undefined) {
    throw new EisenError('ROUTE_NOT_FOUND', 'Requested resource is not found, please refer to API document.');
  }
  const call = predict(exchange, {
    model: deps.registry.find(name, version),
    version,
    limitBytes: deps.config.maxRequestBytes,
    headers: [
      ['url_path', rest.join('/')],
      ['explain', explain ? 'True' : 'False'],
    ],
  });
  return call.then(({ reply }) => reply);
}

/** The inference API. The method is not looked at, as TorchServe does not either. */
export function createInferenceRoutes(deps: InferenceDeps): Route[] {
  return [
    (exchange) => {
      switch (exchange.target.segments[0]) {
        case 'ping':
          return answerPing(deps);
        case 'predictions':
          return answerPrediction(deps, exchange, false);
        default:
          return undefined;
      }
    },
  ];
}
