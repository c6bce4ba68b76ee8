import type { ApiKind } from '../config/listen-address.js';
import type { Registry } from '../registry.js';
import type { Route } from './exchange.js';
import { describeApis, describeModelApi } from './openapi/description.js';
import { refuseMethod } from './refusals.js';
import { jsonReply } from './reply.js';

const MODEL_WORDS = ['predictions', 'explanations', 'models'];

/** `OPTIONS /`, `/api-description`, and `OPTIONS` of a model. A description tells no model's name unless it was asked for it. */
export function createDescriptionRoutes(apis: readonly ApiKind[], registry: Registry): Route[] {
  return [
    {
      api: apis[0] ?? 'inference',
      isPublic: true,
      matches: ({ target }) => target.segments.length === 0 || target.path === '/api-description',
      answer: ({ method, target }) => {
        if (target.segments.length === 0 && method !== 'OPTIONS') throw refuseMethod();
        return jsonReply(200, describeApis(apis));
      },
    },
    {
      api: apis.includes('inference') ? 'inference' : 'management',
      matches: ({ method, target: { segments } }) =>
        method === 'OPTIONS' && segments.length >= 2 && MODEL_WORDS.includes(segments[0]!),
      answer: ({ target: { segments } }) => jsonReply(200, describeModelApi(registry.find(segments[1]!, segments[2]))),
    },
  ];
}
