import { readFile } from 'node:fs/promises';
import type { ClientOptions } from '../core/client/eisen-serving-client.js';
import { EisenError } from '../core/errors/error.js';

/** Flags that say how to reach a server. */
export interface ConnectFlags {
  /** A file whose first line is the token; the environment variable EISEN_TOKEN is the other way. Never a flag of its own:
   * command lines are seen by every user of a machine. */
  readonly tokenFile?: string;
  /** A PEM file of certificate authorities. */
  readonly ca?: string;
  readonly timeoutMs?: number;
  /** How often a busy server is asked again when it says when. */
  readonly retries?: number;
}

export async function createClientOptions(
  url: string,
  flags: ConnectFlags,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ClientOptions> {
  const token = flags.tokenFile === undefined ? env['EISEN_TOKEN'] : await readToken(flags.tokenFile);
  return {
    url,
    env,
    ...(token === undefined || token === '' ? {} : { token }),
    ...(flags.ca === undefined ? {} : { ca: await readAuthorities(flags.ca) }),
    ...(flags.timeoutMs === undefined ? {} : { timeoutMs: flags.timeoutMs }),
    ...(flags.retries === undefined ? {} : { busyRetries: flags.retries }),
  };
}

/** Node would take a file without certificates for an empty list, and then blame the server. */
async function readAuthorities(file: string): Promise<string> {
  const text = await readNamedFile(file);
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new EisenError('USAGE', `--ca ${file}: holds no certificate; expected PEM text.`, {
    where: file,
    hint: 'A binary .cer or .der file becomes PEM by `openssl x509 -inform der`.',
  });
}

/** The first line of the file, or the inference key when it is a key file as TorchServe writes it. */
async function readToken(file: string): Promise<string> {
  const text = await readNamedFile(file);
  const key = readInferenceKey(text);
  const token = key ?? text.split('\n')[0]!.trim();
  if (/^[\x21-\x7e]{1,4096}$/.test(token)) return token;
  throw new EisenError('USAGE', `${file}: the first line is no token.`, { where: file });
}

function readInferenceKey(text: string): string | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const keys = JSON.parse(text) as { inference?: { key?: unknown } };
    return typeof keys.inference?.key === 'string' ? keys.inference.key : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a small file that the command line names; throws FILE_NOT_FOUND. */
export async function readNamedFile(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new EisenError('FILE_NOT_FOUND', `${file}: cannot be read.`, { where: file, cause });
  });
}
