import type { Registry } from '../registry.js';
import { readInteger } from './parameters.js';
import { jsonReply, type Reply } from './reply.js';

const LIMIT = 100;

/**
 * One page of the default versions, sorted by name. `nextPageToken` stands first and is there whenever
 * token + limit ≤ count, so a last page that is full is followed by an empty one: clients page until it is absent.
 */
export function listModels(registry: Registry, query: URLSearchParams): Reply {
  const asked = readInteger(query, 'limit', LIMIT);
  const limit = asked < 0 || asked > LIMIT ? LIMIT : asked;
  const token = Math.max(0, readInteger(query, 'next_page_token', 0));
  const models = registry.defaults();
  const end = token + limit;
  const page = models.slice(token, end).map((model) => ({ modelName: model.runtime.name, modelUrl: model.url }));
  return jsonReply(200, end <= models.length ? { nextPageToken: String(end), models: page } : { models: page });
}
