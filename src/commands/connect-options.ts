import { readFile } from 'node:fs/promises';
import type { ClientOptions } from '../core/client/eisen-serving-client.js';
import type { ListTokens } from '../core/client/find-model.js';
import { EisenError } from '../core/errors/error.js';
import { missingFile } from './missing-file.js';

/** Flags that say how to reach a server. */
export interface ConnectFlags {
  /** A file whose first line is the token, or a server's key_file.json; the environment variable EISEN_TOKEN is the other way. Never a flag of its own:
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
): Promise<ClientOptions & ListTokens> {
  const tokens =
    flags.tokenFile === undefined ? { token: checkToken(env['EISEN_TOKEN']) } : await readTokens(flags.tokenFile);
  const { token, managementToken } = tokens;
  return {
    url,
    env,
    ...(token === undefined || token === '' ? {} : { token }),
    ...(managementToken === undefined ? {} : { managementToken }),
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

interface Tokens extends ListTokens {
  readonly token: string | undefined;
}

/** The first line of the file, or the keys for predictions and for the list of models of a key file as TorchServe writes it. */
async function readTokens(file: string): Promise<Tokens> {
  const text = await readNamedFile(file);
  const keys = readKeyFile(text);
  const managementToken = keys.management;
  const token = keys.inference ?? text.split('\n')[0]!.trim();
  if (TOKEN.test(token)) {
    return { token, ...(managementToken !== undefined && TOKEN.test(managementToken) ? { managementToken } : {}) };
  }
  throw new EisenError('USAGE', `${file}: the first line is no token.`, { where: file });
}

const TOKEN = /^[\x21-\x7e]{1,4096}$/;

/** Of the environment; unset and empty are none. Throws USAGE for what no header could carry. */
function checkToken(token: string | undefined): string | undefined {
  if (token === undefined || token === '' || TOKEN.test(token)) return token;
  throw new EisenError('USAGE', 'EISEN_TOKEN: that is no token; expected one word of printable ASCII.', {
    where: 'EISEN_TOKEN',
  });
}

function readKeyFile(text: string): { readonly inference?: string; readonly management?: string } {
  if (!text.trimStart().startsWith('{')) return {};
  try {
    const keys = JSON.parse(text) as Partial<Record<'inference' | 'management', { key?: unknown }>>;
    const { inference, management } = keys;
    return {
      ...(typeof inference?.key === 'string' ? { inference: inference.key } : {}),
      ...(typeof management?.key === 'string' ? { management: management.key } : {}),
    };
  } catch {
    return {};
  }
}

/** The text of a small file that the command line names; throws FILE_NOT_FOUND. */
export async function readNamedFile(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw missingFile(file, cause);
  });
}
