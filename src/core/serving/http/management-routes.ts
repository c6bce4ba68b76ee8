import type { EisenError } from '../../errors/error.js';
import type { Registry } from '../registry.js';
import { answerDescribe } from './describe-route.js';
import type { Exchange, Route } from './exchange.js';
import { listModels } from './list-models.js';
import { createRepositoryRoutes } from './oip/repository-routes.js';
import { createReadinessRoute } from './readiness-route.js';
import { refuseMethod } from './refusals.js';
import { answerRegister, type RegisterRouteDeps } from './register-route.js';
import { type Reply, statusReply } from './reply.js';
import { answerScale } from './scale-route.js';
import type { HttpConfig } from './settings.js';
import { answerUnregister } from './unregister-route.js';
import { createWorkflowRoutes } from './workflow-routes.js';

export interface ManagementDeps extends Omit<RegisterRouteDeps, 'defaultWorkers'> {
  readonly config: Pick<HttpConfig, 'enableModelApi' | 'defaultWorkersPerModel' | 'unregisterModelTimeoutMs'>;
}

function refuseModelApi(): EisenError {
  return refuseMethod('Registering and unregistering are off: start the server with --enable-model-api.');
}

function answerSetDefault(registry: Registry, name: string, version: string): Reply {
  registry.setDefault(name, version);
  return statusReply(`Default version successfully updated for model "${name}" to "${version}"`);
}

/** `/models`: the list, and registering. */
function answerCollection(exchange: Exchange, deps: ManagementDeps): Promise<Reply> | Reply {
  if (exchange.method === 'GET') return listModels(deps.registry, exchange.target.query);
  if (exchange.method !== 'POST') throw refuseMethod();
  if (!deps.config.enableModelApi) throw refuseModelApi();
  return answerRegister(exchange, { ...deps, defaultWorkers: deps.config.defaultWorkersPerModel });
}

/** `/models/{m}[/{v}[/set-default]]`. */
function answerModel(exchange: Exchange, deps: ManagementDeps): Promise<Reply> | Reply {
  const [, name, version, action] = exchange.target.segments;
  switch (exchange.method) {
    case 'GET':
      return answerDescribe(exchange, deps.registry);
    case 'PUT':
      if (action === 'set-default') return answerSetDefault(deps.registry, name!, version!);
      return answerScale(exchange, deps);
    case 'DELETE':
      if (!deps.config.enableModelApi) throw refuseModelApi();
      return answerUnregister(exchange, { ...deps, timeoutMs: deps.config.unregisterModelTimeoutMs });
    default:
      throw refuseMethod();
  }
}

/** The management API. */
export function createManagementRoutes(deps: ManagementDeps): Route[] {
  return [
    {
      api: 'management',
      matches: ({ target }) => target.segments[0] === 'models' && target.segments.length === 1,
      answer: (exchange) => answerCollection(exchange, deps),
    },
    {
      api: 'management',
      matches: ({ target: { segments } }) =>
        segments[0] === 'models' && (segments.length < 4 || (segments.length === 4 && segments[3] === 'set-default')),
      answer: (exchange) => answerModel(exchange, deps),
    },
    ...createWorkflowRoutes(),
    createReadinessRoute(deps.registry),
    ...createRepositoryRoutes(deps),
  ];
}
