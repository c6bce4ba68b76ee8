import path from 'node:path';
import { type ConfigValues, failConfig, readBoolean, readPattern, readText } from './config-values.js';
import { isLoopbackAddress, type ListenAddress } from './listen-address.js';
import type { CorsConfig, ServerConfig, TlsSource, TokenConfig } from './server-config.js';

/**
 * Reads where the certificate comes from: a PKCS12 keystore, or a PEM key with its certificate.
 * @throws EisenError CONFIG_INVALID for half a pair or a Java keystore.
 */
export function readTlsSource(values: ConfigValues, cwd: string): TlsSource | null {
  const keystore = readText(values, 'keystore');
  if (keystore !== null) {
    const type = readText(values, 'keystore_type') ?? 'PKCS12';
    if (type.toUpperCase() !== 'PKCS12') {
      failConfig('keystore_type', 'PKCS12', type, 'Convert it: keytool -importkeystore -deststoretype PKCS12.');
    }
    return {
      kind: 'pkcs12',
      path: path.resolve(cwd, keystore),
      passphrase: values.get('keystore_pass') ?? 'changeit',
    };
  }
  const key = readText(values, 'private_key_file');
  const certificate = readText(values, 'certificate_file');
  if (key === null && certificate === null) return null;
  if (key === null) return failConfig('private_key_file', 'the key of certificate_file', 'nothing');
  if (certificate === null) return failConfig('certificate_file', 'the certificate of private_key_file', 'nothing');
  return { kind: 'pem', keyPath: path.resolve(cwd, key), certificatePath: path.resolve(cwd, certificate) };
}

const BEARER_TOKEN = /^[\w.~+/=-]+$/;

function readExpirationMs(values: ConfigValues, warnings: string[]): number {
  const text = values.get('token_expiration_min')?.trim();
  const minutes = text === undefined ? 60 : Number(text === '' ? Number.NaN : text);
  if (Number.isFinite(minutes) && minutes > 0) return Math.round(minutes * 60_000);
  warnings.push(`token_expiration_min: found '${text}'; expected minutes > 0. 60 is used.`);
  return 60 * 60_000;
}

/** @throws EisenError CONFIG_INVALID for a token that no header can carry; the message does not tell it */
function readFixedToken(values: ConfigValues, key: string): string | null {
  const token = readText(values, key);
  if (token !== null && !BEARER_TOKEN.test(token))
    failConfig(key, 'letters, digits and ._~+/=- only', 'other characters');
  return token;
}

/** Which kinds of token some listener asks for; metrics take that of the inference API. */
export function askedKinds({
  inference,
  management,
  metrics,
}: TokenConfig['required']): Record<'inference' | 'management', boolean> {
  return { inference: inference || metrics, management };
}

/** Which listeners ask for tokens: those that leave loopback, all when asked, none when switched off. */
export function readTokenConfig(
  values: ConfigValues,
  addresses: Pick<ServerConfig, 'inferenceAddress' | 'managementAddress' | 'metricsAddress'>,
  context: { readonly cwd: string; readonly warnings: string[] },
): TokenConfig {
  const off = readBoolean(values, 'disable_token_authorization', false);
  const asked =
    readBoolean(values, 'enable_token_authorization', false) || (values.has('disable_token_authorization') && !off);
  const isRequired = (address: ListenAddress | null): boolean =>
    address !== null && !off && (asked || !isLoopbackAddress(address));
  const status = readText(values, 'token_failure_status') ?? '400';
  if (status !== '400' && status !== '401') failConfig('token_failure_status', '400 or 401', status);
  if (off && !isLoopbackAddress(addresses.inferenceAddress)) {
    context.warnings.push('tokens are switched off while the inference API can be reached by other machines.');
  }
  const required = {
    inference: isRequired(addresses.inferenceAddress),
    management: isRequired(addresses.managementAddress),
    metrics: isRequired(addresses.metricsAddress) && !readBoolean(values, 'public_metrics', false),
  };
  const fixed = {
    inference: readFixedToken(values, 'inference_token'),
    management: readFixedToken(values, 'management_token'),
  };
  for (const kind of ['inference', 'management'] as const) {
    if (fixed[kind] === null || off || askedKinds(required)[kind]) continue;
    context.warnings.push(`${kind}_token: no listener asks for it; --enable-token-auth makes those of loopback do so.`);
  }
  return {
    required,
    expirationMs: readExpirationMs(values, context.warnings),
    keyFile: path.resolve(context.cwd, 'key_file.json'),
    fixed,
    failureStatus: status === '401' ? 401 : 400,
  };
}

/** Patterns of URLs that may be registered; a comma separates them. */
export function readAllowedUrls(values: ConfigValues): RegExp[] {
  const list = readText(values, 'allowed_urls')?.split(',') ?? [];
  return list
    .map((source) => source.trim())
    .filter((source) => source !== '')
    .map((source) => readPattern('allowed_urls', source));
}

export function readCors(values: ConfigValues): CorsConfig | null {
  const allowedOrigin = readText(values, 'cors_allowed_origin');
  if (allowedOrigin === null) return null;
  return {
    allowedOrigin,
    allowedMethods: readText(values, 'cors_allowed_methods'),
    allowedHeaders: readText(values, 'cors_allowed_headers'),
  };
}
