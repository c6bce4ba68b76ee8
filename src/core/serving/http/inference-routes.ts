import { EisenError } from '../../errors/error.js';
import { readBody } from './body.js';
import type { Exchange, Route } from './exchange.js';
import { createHealthRoutes } from './health-routes.js';
import type { InferenceDeps } from './inference-deps.js';
import { splitBody } from './job-parameters.js';
import { createOipDescribeRoutes } from './oip/describe-routes.js';
import { createInferRoutes } from './oip/infer-routes.js';
import { answerPrediction, queryParameters } from './prediction-route.js';
import { refusePath } from './refusals.js';
import type { Reply } from './reply.js';

/** `/predictions/{m}[/{v}[/{rest}]]` and `/explanations/…`. */
function answerPath(exchange: Exchange, deps: InferenceDeps): Promise<Reply> {
  const [word, name, version, ...rest] = exchange.target.segments;
  if (name === undefined) throw refusePath(exchange.target.path);
  return answerPrediction(exchange, deps, { name, version, rest: rest.join('/'), explain: word === 'explanations' });
}

/** The model that `/invocations` means: the one named in the query, else the only one of the start, else the one named in the form. */
async function answerInvocations(exchange: Exchange, deps: InferenceDeps): Promise<Reply> {
  const { query } = exchange.target;
  const extra = queryParameters(query);
  const startup = deps.registry.defaults().filter((model) => model.loadedAtStartup);
  const known = query.get('model_name') || (startup.length === 1 ? startup[0]!.runtime.name : '');
  if (known !== '') return answerPrediction(exchange, deps, { name: known, extra });
  const pieces = await readBody(exchange, deps.config.maxRequestBytes);
  const field = splitBody(exchange.request.headers['content-type'], pieces).find(({ name }) => name === 'model_name');
  const name = field === undefined ? '' : Buffer.concat(field.value).toString('utf8');
  if (name === '') {
    throw new EisenError('PARAMETER_INVALID', 'Parameter model_name is required.', { where: 'model_name' });
  }
  return answerPrediction(exchange, deps, { name, extra, pieces });
}

/** The paths of SageMaker and of TorchServe's first versions: their query reaches the handler. */
function matchOlderPath({ target: { segments } }: Exchange): { name: string; version?: string } | null {
  const last = segments.at(-1);
  if (segments.length === 3 && segments[0] === 'models' && last === 'invoke') return { name: segments[1]! };
  if (last !== 'predict' || segments[0] === 'models') return null;
  if (segments.length === 2) return { name: segments[0]! };
  return segments.length === 3 ? { name: segments[0]!, version: segments[1]! } : null;
}

/** The inference API. The method is not looked at, as TorchServe does not either. */
export function createInferenceRoutes(deps: InferenceDeps): Route[] {
  return [
    {
      api: 'inference',
      matches: ({ method, target: { segments } }) =>
        (segments[0] === 'predictions' || segments[0] === 'explanations') && method !== 'OPTIONS',
      answer: (exchange) => answerPath(exchange, deps),
    },
    ...createInferRoutes(deps),
    ...createHealthRoutes(deps),
    ...createOipDescribeRoutes(deps),
    {
      api: 'inference',
      matches: ({ target }) => target.segments[0] === 'invocations',
      answer: (exchange) => answerInvocations(exchange, deps),
    },
    {
      api: 'inference',
      matches: ({ target }) => target.segments[0] === 'wfpredict' && target.segments.length > 1,
      answer: ({ target }) => {
        throw new EisenError('WORKFLOW_NOT_FOUND', `Workflow not found: ${target.segments[1]}`);
      },
    },
    {
      api: 'inference',
      matches: (exchange) => matchOlderPath(exchange) !== null,
      answer: (exchange) =>
        answerPrediction(exchange, deps, {
          ...matchOlderPath(exchange)!,
          extra: queryParameters(exchange.target.query),
        }),
    },
  ];
}
