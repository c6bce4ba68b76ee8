import { VERSION } from '../../../version.js';
import type { Exchange, Route } from './exchange.js';
import type { InferenceDeps } from './inference-deps.js';
import { jsonReply, type Reply } from './reply.js';

/** TorchServe's rule: healthy while every default version has its minimum of workers within their retry window. */
function answerPing({ registry, isDraining }: InferenceDeps): Reply {
  if (isDraining()) return jsonReply(503, { status: 'Unhealthy' });
  const isHealthy = registry.defaults().every((model) => model.runtime.healthy);
  return isHealthy ? jsonReply(200, { status: 'Healthy' }) : jsonReply(500, { status: 'Unhealthy' });
}

/** Ready is stricter than healthy: every model has a worker that answers now, and the start is over. */
function isReady({ registry, isDraining, isReady: isStarted }: InferenceDeps): boolean {
  return !isDraining() && isStarted() && registry.defaults().every(({ runtime }) => runtime.ready);
}

/** Both key spellings: `extenstion` is what clients of TorchServe have read so far. */
const SERVER_METADATA = {
  name: 'eisen-deploy',
  version: VERSION,
  extenstion: ['kserve', 'kubeflow'],
  extensions: ['binary_tensor_data', 'model_repository', 'statistics', 'model_configuration'],
};

function answerModelReady(deps: InferenceDeps, name: string, version: string | undefined): Reply {
  const { runtime } = deps.registry.find(name, version);
  if (runtime.ready) return jsonReply(200, { name, ready: true });
  return jsonReply(503, { name, ready: false, error: `Model ${name} has no worker that is ready.` });
}

/** `/v2/models/{m}[/versions/{v}]/ready` and KServe v1's `/v1/models/{m}`. */
function matchModelReady({ target: { segments } }: Exchange): { name: string; version?: string } | null {
  const [api, models, name, word, version, last] = segments;
  if (models !== 'models' || name === undefined) return null;
  if (api === 'v1') return segments.length === 3 && !name.includes(':') ? { name } : null;
  if (api !== 'v2') return null;
  if (segments.length === 4 && word === 'ready') return { name };
  return segments.length === 6 && word === 'versions' && last === 'ready' ? { name, version } : null;
}

/** What orchestrators ask: alive, ready, and what stands here. */
export function createHealthRoutes(deps: InferenceDeps): Route[] {
  return [
    {
      api: 'inference',
      matches: ({ target }) => target.segments[0] === 'ping',
      answer: () => answerPing(deps),
    },
    {
      api: 'inference',
      matches: ({ target }) => target.path === '/v2/health/live',
      answer: () => jsonReply(200, { live: true }),
    },
    {
      api: 'inference',
      matches: ({ target }) => target.path === '/v2/health/ready',
      answer: () =>
        isReady(deps)
          ? jsonReply(200, { ready: true, live: true })
          : jsonReply(503, { ready: false, live: true, error: 'Not every model is ready.' }),
    },
    {
      api: 'inference',
      matches: ({ target }) => target.segments.length === 1 && target.segments[0] === 'v2',
      answer: () => jsonReply(200, SERVER_METADATA),
    },
    {
      api: 'inference',
      matches: (exchange) => matchModelReady(exchange) !== null,
      answer: (exchange) => {
        const { name, version } = matchModelReady(exchange)!;
        return answerModelReady(deps, name, version);
      },
    },
    {
      api: 'inference',
      matches: ({ target: { segments } }) => segments.length === 2 && segments[0] === 'v1' && segments[1] === 'models',
      answer: () => jsonReply(200, { models: deps.registry.defaults().map(({ runtime }) => runtime.name) }),
    },
  ];
}
