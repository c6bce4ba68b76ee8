import { readdir } from 'node:fs/promises';
import { EisenError } from '../../../errors/error.js';
import { discardModel, type RegisterDeps, registerModel } from '../../register-model.js';
import type { RegisteredModel } from '../../registry.js';
import { readBody } from '../body.js';
import type { Exchange, Route } from '../exchange.js';
import { refuseMethod } from '../refusals.js';
import { jsonReply, type Reply } from '../reply.js';
import type { HttpConfig } from '../settings.js';

export interface RepositoryDeps extends RegisterDeps {
  readonly config: Pick<HttpConfig, 'enableModelApi' | 'unregisterModelTimeoutMs'>;
}

const BODY_LIMIT = 1024 * 1024;
const ENDINGS = ['.mar', '.model', '.tar.gz', '.tgz', ''];

async function readJsonBody(exchange: Exchange): Promise<Record<string, unknown>> {
  const text = Buffer.concat(await readBody(exchange, BODY_LIMIT)).toString('utf8');
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Answered below, with the other ways of being no object.
  }
  throw new EisenError('PARAMETER_INVALID', 'The body is no JSON object.', { where: 'request body' });
}

function indexRow({ runtime }: RegisteredModel): Record<string, unknown> {
  const state = runtime.ready ? 'READY' : runtime.workers.length > 0 ? 'LOADING' : 'UNAVAILABLE';
  const reason = runtime.workers.find(({ lastError }) => lastError !== undefined)?.lastError ?? '';
  return { name: runtime.name, version: runtime.version, state, reason };
}

/** Registered models, and the archives of the store that are not: those are UNAVAILABLE. */
async function answerIndex(exchange: Exchange, deps: RepositoryDeps): Promise<Reply> {
  const onlyReady = (await readJsonBody(exchange))['ready'] === true;
  const models = deps.registry.all();
  const rows = models.map(indexRow);
  const known = new Set(models.map(({ url }) => url));
  const entries = await readdir(deps.rules.modelStore, { withFileTypes: true }).catch(() => []);
  for (const { name } of entries.filter((entry) => entry.isFile()).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const ending = ENDINGS.find((end) => end !== '' && name.endsWith(end));
    if (ending === undefined || name.startsWith('.') || known.has(name)) continue;
    rows.push({ name: name.slice(0, -ending.length), state: 'UNAVAILABLE', reason: 'not loaded' });
  }
  return jsonReply(200, onlyReady ? rows.filter((row) => row['state'] === 'READY') : rows);
}

/** Registers the archive of the store that carries the name. A configuration or files in the body are refused. */
async function answerLoad(exchange: Exchange, deps: RepositoryDeps, name: string): Promise<Reply> {
  const parameters = (await readJsonBody(exchange))['parameters'];
  if (typeof parameters === 'object' && parameters !== null && Object.keys(parameters).length > 0) {
    throw new EisenError('PARAMETER_INVALID', 'Models are loaded as their archives are; parameters are not taken.', {
      where: 'parameters',
    });
  }
  let refusal: unknown;
  for (const ending of ENDINGS) {
    try {
      const request = { url: `${name}${ending}`, initialWorkers: 1, loadedAtStartup: false, settings: {} };
      await (await registerModel(request, deps)).started;
      return jsonReply(200, { name, load: true });
    } catch (error) {
      if (!(error instanceof EisenError) || error.code !== 'MODEL_URL_REFUSED') throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

/** Unregisters every version of the model. */
async function answerUnload(deps: RepositoryDeps, name: string): Promise<Reply> {
  const standing = deps.registry.defaultVersionOf(name);
  const versions = deps.registry.versionsOf(name).map(({ runtime }) => runtime.version);
  const order = [...versions.filter((version) => version !== standing), standing];
  const removed = order.map((version) => deps.registry.remove(name, version));
  await Promise.all(removed.map((model) => discardModel(model, deps.config.unregisterModelTimeoutMs)));
  return jsonReply(200, { name, unload: true });
}

/** `v2/repository/…`: belongs to the management API, for it changes what is served. */
export function createRepositoryRoutes(deps: RepositoryDeps): Route[] {
  const guard = ({ method }: Exchange): void => {
    if (method !== 'POST') throw refuseMethod();
    if (!deps.config.enableModelApi) {
      throw refuseMethod('Loading and unloading are off: start the server with --enable-model-api.');
    }
  };
  const action = ({ target: { segments } }: Exchange, word: string): boolean =>
    segments.length === 5 && segments[1] === 'repository' && segments[2] === 'models' && segments[4] === word;
  return [
    {
      api: 'management',
      matches: ({ target: { segments } }) =>
        segments[0] === 'v2' && segments[1] === 'repository' && segments.length < 5 && segments.at(-1) === 'index',
      answer: (exchange) => {
        if (exchange.method !== 'POST') throw refuseMethod();
        return answerIndex(exchange, deps);
      },
    },
    {
      api: 'management',
      matches: (exchange) => exchange.target.segments[0] === 'v2' && action(exchange, 'load'),
      answer: (exchange) => {
        guard(exchange);
        return answerLoad(exchange, deps, exchange.target.segments[3]!);
      },
    },
    {
      api: 'management',
      matches: (exchange) => exchange.target.segments[0] === 'v2' && action(exchange, 'unload'),
      answer: (exchange) => {
        guard(exchange);
        return answerUnload(deps, exchange.target.segments[3]!);
      },
    },
  ];
}
