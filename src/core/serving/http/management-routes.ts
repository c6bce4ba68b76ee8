import { EisenError } from '../../errors/error.js';
import type { Registry } from '../registry.js';
import { describeModels } from './describe-model.js';
import type { Exchange, Route } from './exchange.js';
import { listModels } from './list-models.js';
import type { Reply } from './reply.js';
import type { HttpConfig } from './settings.js';

export interface ManagementDeps {
  readonly config: Pick<HttpConfig, 'enableModelApi'>;
  readonly registry: Registry;
}

export function refuseMethod(hint?: string): EisenError {
  return new EisenError('METHOD_NOT_ALLOWED', 'Requested method is not allowed, please refer to API document.', {
    hint,
  });
}

function answerModels({ registry }: ManagementDeps, exchange: Exchange): Reply {
  const [, name, version] = exchange.target.segments;
  if (exchange.method !== 'GET') throw refuseMethod();
  return name === undefined ? listModels(registry, exchange.target.query) : describeModels(registry, name, version);
}

/** The management API. */
export function createManagementRoutes(deps: ManagementDeps): Route[] {
  return [(exchange) => (exchange.target.segments[0] === 'models' ? answerModels(deps, exchange) : undefined)];
}
