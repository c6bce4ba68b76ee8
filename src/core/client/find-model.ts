import { EisenError, isEisenError } from '../errors/error.js';
import { parseJson } from '../tensor/json.js';
import { createConnection } from './connection.js';
import { type ClientOptions, parseServerUrl } from './eisen-serving-client.js';
import { type ClientReply, exchange } from './exchange.js';
import { explainReply } from './explain-reply.js';

/** What the list of models takes beside what a prediction takes. */
export interface ListTokens {
  /** For the list of models, which is management; without it the token of predictions is tried. */
  readonly managementToken?: string;
}

type ListOptions = ClientOptions & ListTokens;

const LIST_TIMEOUT_MS = 30_000;

/** The prediction endpoint that an address stands for: itself when it has a path, else that of the server's only model. */
export async function resolveEndpoint(options: ListOptions, signal?: AbortSignal): Promise<string> {
  const url = parseServerUrl(options.url);
  if (url.pathname !== '/') return url.href;
  const names = await listModels(url, options, signal);
  if (names.length === 1) return new URL(`/predictions/${encodeURIComponent(names[0]!)}`, url).href;
  if (names.length === 0) {
    throw new EisenError('MODEL_NOT_FOUND', `${url.host}: the server has no model.`, {
      where: url.host,
      hint: 'Start it with --models, or register one.',
    });
  }
  throw new EisenError('USAGE', `${url.host}: the server has ${names.length} models: ${names.join(', ')}.`, {
    where: url.host,
    hint: `Name one: --url ${new URL(`/predictions/${names[0]!}`, url).href}`,
  });
}

/**
 * The names of the models of a server. The list is the management interface's: on the same port when the server has one for
 * all, else on the next one, as TorchServe's defaults are (8080 and 8081).
 */
async function listModels(server: URL, options: ListOptions, signal?: AbortSignal): Promise<string[]> {
  let refusal: unknown;
  const here = await askModels(server, options, signal).catch((cause: unknown) => {
    // A listener for predictions alone refuses the management token before it says that it has no list.
    if (options.managementToken === undefined || !isTokenRefusal(cause)) throw cause;
    refusal = cause;
    return null;
  });
  if (here !== null) {
    if (here.length > 0 && !(await takesPredictions(server, options, signal))) throw notHere(server, here[0]!);
    return here;
  }
  const management = new URL(server);
  management.port = String(Number(server.port || (server.protocol === 'https:' ? 443 : 80)) + 1);
  const there = await askModels(management, options, signal).catch((cause: unknown) => {
    throw cannotList(server, management, refusal ?? cause);
  });
  if (there !== null) return there;
  throw cannotList(server, management, refusal);
}

/** The management listener has the list of models and neither predictions nor this path. */
async function takesPredictions(server: URL, options: ListOptions, signal?: AbortSignal): Promise<boolean> {
  const { status } = await get(new URL('/ping', server), options, { token: options.token, signal });
  return status !== 404 && status !== 405;
}

function notHere(management: URL, name: string): EisenError {
  const inference = new URL(`/predictions/${encodeURIComponent(name)}`, management);
  inference.port = String(Number(management.port || (management.protocol === 'https:' ? 443 : 80)) - 1);
  return new EisenError(
    'USAGE',
    `${management.host}: that is the management address; no predictions are taken there.`,
    {
      where: management.host,
      hint: `Predictions are taken on the port before it by default: --url ${inference.href}`,
    },
  );
}

function isTokenRefusal(cause: unknown): boolean {
  return isEisenError(cause) && cause.code === 'TOKEN_REFUSED';
}

function cannotList(server: URL, management: URL, cause?: unknown): EisenError {
  const reason = cause instanceof Error ? ` (${cause.message.replace(/\.$/, '')})` : '';
  const lacksToken = isTokenRefusal(cause);
  const hint = lacksToken
    ? 'The list takes the management token, which --token-file key_file.json gives as well.'
    : `The list is asked for at this port and the next (${management.port}), where management is by default.`;
  const code = lacksToken ? 'TOKEN_REFUSED' : 'SERVER_REFUSED';
  return new EisenError(code, `${server.host}: the server does not tell its models${reason}.`, {
    where: server.host,
    hint: `Name the model: --url ${server.origin}/predictions/NAME. ${hint}`,
    cause,
  });
}

/** null when there is no such list at this address. */
async function askModels(server: URL, options: ListOptions, signal?: AbortSignal): Promise<string[] | null> {
  const url = new URL('/models?limit=100', server);
  const reply = await get(url, options, { token: options.managementToken ?? options.token, signal });
  if (reply.status === 404 || reply.status === 405 || (reply.status < 300 && !isList(reply.body))) return null;
  if (reply.status >= 300) throw explainReply(reply, url);
  return readNames(parseJson(reply.body, url.host));
}

async function get(
  url: URL,
  options: ListOptions,
  { token, signal }: { readonly token: string | undefined; readonly signal?: AbortSignal },
): Promise<ClientReply> {
  const connection = createConnection(url, { ca: options.ca, env: options.env ?? process.env });
  try {
    return await exchange(connection, {
      method: 'GET',
      url,
      headers: {
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      timeoutMs: LIST_TIMEOUT_MS,
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      signal,
    });
  } finally {
    connection.close();
  }
}

/** A list of models is a JSON object; other servers answer with pages. */
function isList(body: Uint8Array): boolean {
  return /^\s*\{/.test(Buffer.from(body.subarray(0, 64)).toString('latin1'));
}

function readNames(json: unknown): string[] | null {
  const models = (json as { models?: unknown } | null)?.models;
  if (!Array.isArray(models)) return null;
  return models
    .map((model: { modelName?: unknown } | null) => model?.modelName)
    .filter((name): name is string => typeof name === 'string');
}
