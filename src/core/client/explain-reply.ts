import { EisenError } from '../errors/error.js';
import { ERROR_TABLE, type ErrorCode } from '../errors/table.js';
import type { ClientReply } from './exchange.js';

/** What an error reply says: TorchServe's type and message, and our own detail beside them. */
export interface ErrorBody {
  readonly type: string;
  readonly message: string;
  /** Our own stable code; null in the replies of other servers. */
  readonly code: ErrorCode | null;
  readonly hint: string | undefined;
  readonly expected: string | undefined;
}

const READ_AT_MOST_BYTES = 64 * 1024;

/** The error that a reply of status 300 or more stands for; tells no such model, refused, busy and failed apart. */
export function explainReply(reply: ClientReply, url: URL): EisenError {
  const body = readErrorBody(reply.body);
  const where = `${url.host}${url.pathname}`;
  const said = body.message === '' ? `HTTP status ${reply.status}` : body.message;
  const make = (code: ErrorCode, text: string, hint = body.hint): EisenError =>
    new EisenError(code, text, {
      where,
      found: `HTTP status ${reply.status}`,
      ...(hint === undefined ? {} : { hint }),
      ...(body.expected === undefined ? {} : { expected: body.expected }),
    });

  if (/^Model(Version)?NotFoundException$/.test(body.type)) {
    return make('MODEL_NOT_FOUND', `${url.host}: ${said}`, body.hint ?? 'The server lists its models at GET /models.');
  }
  if (reply.status === 401 || body.type === 'InvalidKeyException') {
    return make('TOKEN_REFUSED', `${where}: ${said}`, [body.hint, TOKEN_HINT].filter(Boolean).join(' '));
  }
  if (reply.status === 403) return make('SERVER_REFUSED', `${where}: ${said}`, body.hint ?? TOKEN_HINT);
  if (body.code !== null && ERROR_TABLE[body.code].exit === 3) return make(body.code, said);
  if (isBusy(reply.status, body.type)) {
    const after = reply.headers['retry-after'];
    return make('SERVER_BUSY', `${where}: ${said}`, after === undefined ? body.hint : `Try again in ${after} s.`);
  }
  // Gateways before a model server explain their 500s with pages, too.
  const isOther = reply.status < 500 || reply.status === 501;
  if (isOther && isPage(reply))
    return make('SERVER_REFUSED', `${where}: HTTP status ${reply.status} and a web page.`, PAGE_HINT);
  if (reply.status >= 500) {
    // A fault of that program is none of this one.
    if (body.code !== null && body.code !== 'INTERNAL' && ERROR_TABLE[body.code].http >= 500)
      return make(body.code, `${where}: ${said}`);
    return make('SERVER_FAILED', `${where}: ${said}`, body.hint ?? 'The log of the server says more.');
  }
  if (reply.status < 400) return make('SERVER_REFUSED', `${where}: the server points elsewhere (${reply.status}).`);
  return make('SERVER_REFUSED', `${where}: ${said}`);
}

const TOKEN_HINT = 'Give the right token with --token-file or EISEN_TOKEN.';

/** What a person is told to whom a web site answers, or the sign-in page of a proxy. */
export const PAGE_HINT = 'Is this the address of eisen-deploy or TorchServe, and does no proxy stand between?';

/** A page for people: no model server sends one. */
export function isPage({ headers, body }: Pick<ClientReply, 'headers' | 'body'>): boolean {
  if (/^text\/html\b/i.test(headers['content-type'] ?? '')) return true;
  return /^\s*<(!doctype|html|\?xml)/i.test(Buffer.from(body.subarray(0, 256)).toString('latin1'));
}

/** TorchServe answers 503 both when nobody can serve (try again) and when the handler failed (do not). */
function isBusy(status: number, type: string): boolean {
  if (status === 408 || status === 429 || status === 504) return true;
  return status === 503 && type !== 'InternalServerException';
}

/** Reads the JSON of an error, or a plain sentence; never throws. */
export function readErrorBody(body: Uint8Array): ErrorBody {
  const text = Buffer.from(body.subarray(0, READ_AT_MOST_BYTES)).toString('utf8');
  const json = readObject(text);
  if (json === null) return { type: '', message: readSentence(text), code: null, hint: undefined, expected: undefined };
  const detail = asObject(json['detail']) ?? {};
  return {
    type: readText(json['type']) ?? '',
    message: readText(detail['reason']) ?? readText(json['message']) ?? readText(json['error']) ?? '',
    code: readCode(detail['code']),
    hint: readText(detail['hint']),
    expected: readText(detail['expected']),
  };
}

function readObject(text: string): Record<string, unknown> | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

/** Text of the server as one line: it goes to a terminal, so that nothing in it may steer one. */
function readText(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return value.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 2000);
}

/** A short plain sentence is passed on; a page of HTML is not. */
function readSentence(text: string): string {
  return text.length <= 300 && !text.includes('<') && !text.includes('\ufffd') ? (readText(text)?.trim() ?? '') : '';
}

function readCode(value: unknown): ErrorCode | null {
  return typeof value === 'string' && Object.hasOwn(ERROR_TABLE, value) ? (value as ErrorCode) : null;
}
