import { setTimeout as sleep } from 'node:timers/promises';
import { EisenError } from '../errors/error.js';
import { refuseProblems } from '../errors/refuse-problems.js';
import { encodePickleFields } from '../legacy/encode-pickle.js';
import type { Metadata } from '../metadata/metadata.js';
import { encodeFields } from '../tensor/msgpack.js';
import { NON_FINITE_HEADER, readNonFinite } from '../tensor/non-finite-header.js';
import type { Fields } from '../tensor/value.js';
import { type Batch, fromFields, type ReplyValue, toFields } from './batch.js';
import { checkInputs } from './check-inputs.js';
import { type Connection, createConnection } from './connection.js';
import { type ClientReply, type ClientRequest, exchange } from './exchange.js';
import { explainReply } from './explain-reply.js';
import type { ProxyEnvironment } from './proxy.js';
import { readMetadataReply, readPredictionReply } from './read-reply.js';
import { retryDelayMs } from './retry-after.js';

export interface ClientOptions {
  /** The whole prediction endpoint: `http://127.0.0.1:8080/predictions/brain`. */
  readonly url: string;
  /** True: hold every batch against the metadata before it is sent (default false). */
  readonly validateInputs?: boolean;
  /**
   * How a batch travels: `msgpack` (default), or `pickle` for a server that runs the handler of eisen-deploy 0.0.2, which
   * knows nothing else. Replies are read by a closed list, never executed.
   */
  readonly wire?: 'msgpack' | 'pickle';
  /** Sent as `Authorization: Bearer …`. */
  readonly token?: string;
  /** PEM text of the certificate authorities to trust instead of the system's. */
  readonly ca?: string | Uint8Array;
  /** From the first byte sent to the last byte of the reply (default 15 minutes). */
  readonly timeoutMs?: number;
  /** For the connection alone (default 10 s). */
  readonly connectTimeoutMs?: number;
  /**
   * How often a request is sent again to a server that is busy and says when to come back (429 or 503 with a Retry-After of a
   * minute at most; default 0: the caller decides).
   */
  readonly busyRetries?: number;
  /** Told before each such wait, in milliseconds. */
  readonly onBusy?: (waitMs: number) => void;
  /** Where HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY are read (default: the environment of the process). */
  readonly env?: ProxyEnvironment;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface PredictCallOptions extends CallOptions {
  /**
   * Told how many numbers of each output of the model are NaN or infinite, when there are any: a result that looks empty may
   * be a failed one. Only our own server counts them; TorchServe says nothing.
   */
  readonly onNonFinite?: (counts: ReadonlyMap<string, number>) => void;
}

const TIMEOUT_MS = 15 * 60_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** Asks one model behind an HTTP endpoint: ours, or TorchServe. */
export class EisenServingClient {
  readonly url: URL;
  readonly validateInputs: boolean;
  /** The metadata of the model, null until it has been asked for. */
  metadata: Metadata | null = null;
  readonly #options: ClientOptions;
  readonly #connection: Connection;

  constructor(options: ClientOptions) {
    this.url = parseServerUrl(options.url);
    this.validateInputs = options.validateInputs ?? false;
    this.#options = options;
    this.#connection = createConnection(this.url, { ca: options.ca, env: options.env ?? process.env });
  }

  /** Asks the server for the metadata (an empty POST) and keeps it. */
  async getMetadata(options: CallOptions = {}): Promise<Metadata> {
    const reply = await this.send([], { ...options, accept: '*/*' });
    this.metadata = readMetadataReply(reply, this.url.host);
    return this.metadata;
  }

  /**
   * Sends a batch and gives the outputs by name: arrays as {dtype, shape, strides, offset, data} over the reply's own bytes.
   *
   * @throws INPUT_INVALID before anything is sent, with `validateInputs`, with every problem; SERVER_UNREACHABLE,
   *   MODEL_NOT_FOUND, SERVER_REFUSED, SERVER_BUSY, SERVER_FAILED, SERVER_TIMEOUT, CANCELLED as their names say; the server's
   *   own code when it names what is wrong with the input.
   */
  async predict(batch: Batch, options: PredictCallOptions = {}): Promise<Record<string, ReplyValue>> {
    return fromFields(await this.predictFields(toFields(batch), options));
  }

  /** The same for fields. */
  async predictFields(fields: Fields, { onNonFinite, ...options }: PredictCallOptions = {}): Promise<Fields> {
    if (this.validateInputs) {
      const metadata = this.metadata ?? (await this.getMetadata(options));
      refuseProblems(checkInputs(fields, metadata), 'batch');
    }
    const [body, accept] =
      this.#options.wire === 'pickle'
        ? [encodePickleFields(fields), '*/*']
        : [encodeFields(fields), 'application/msgpack'];
    const reply = await this.send(body, { ...options, accept });
    const outputs = readPredictionReply(reply, this.url.host);
    const counts = readNonFinite(reply.headers[NON_FINITE_HEADER]?.toString());
    if (counts.size > 0) onNonFinite?.(counts);
    return outputs;
  }

  /** Sends a body, in pieces, and gives the reply as it came, when its status is below 300. */
  async send(body: readonly Uint8Array[], { signal, accept }: CallOptions & { accept: string }): Promise<ClientReply> {
    const contentType = this.#options.wire === 'pickle' ? 'application/octet-stream' : 'application/msgpack';
    const { token, timeoutMs = TIMEOUT_MS, connectTimeoutMs = CONNECT_TIMEOUT_MS } = this.#options;
    const request: ClientRequest = {
      method: 'POST',
      url: this.url,
      headers: {
        accept,
        ...(body.length === 0 ? {} : { 'content-type': contentType }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body,
      timeoutMs,
      connectTimeoutMs,
      signal,
    };
    const reply = await this.#exchangePatiently(request);
    if (reply.status >= 300) throw explainReply(reply, this.url);
    return reply;
  }

  /** A busy server is asked again when it said that it may be; a prediction changes nothing. */
  async #exchangePatiently(request: ClientRequest): Promise<ClientReply> {
    const { busyRetries = 0, onBusy } = this.#options;
    for (let left = busyRetries; ; left -= 1) {
      const reply = await exchange(this.#connection, request);
      const waitMs = left > 0 ? retryDelayMs(reply, Date.now()) : null;
      if (waitMs === null) return reply;
      onBusy?.(waitMs);
      await sleep(waitMs, undefined, { signal: request.signal }).catch((cause: unknown) => {
        throw new EisenError('CANCELLED', 'the request was cancelled while the server was busy.', { cause });
      });
    }
  }

  /** Gives up the kept-alive connections; a request in flight is broken off. */
  close(): void {
    this.#connection.close();
  }
}

/** An http or https address without a user in it; throws USAGE. */
export function parseServerUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const guess = `http://${text}`;
    const hint = /^[\w.-]+(:\d+)?(\/|$)/.test(text) && URL.canParse(guess) ? { hint: `Did you mean ${guess}?` } : {};
    throw new EisenError('USAGE', `'${text}' is no server address; expected http://host:port/predictions/model.`, hint);
  }
  if (url.username !== '' || url.password !== '') {
    throw new EisenError('USAGE', `${url.host}: a password in the address ends up in logs; give a token instead.`);
  }
  return url;
}
