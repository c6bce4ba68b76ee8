import { EisenError } from '../../errors/error.js';
import { type ConfigValues, readBoolean, readText } from './config-values.js';
import { isLoopbackAddress, type ListenAddress, parseListenAddress, renderListenAddress } from './listen-address.js';
import type { ServeFlags } from './serve-flags.js';
import type { ServerConfig, TlsSource } from './server-config.js';

type Addresses = Pick<ServerConfig, 'inferenceAddress' | 'managementAddress' | 'metricsAddress'>;

const DEFAULTS = {
  inference: 'http://127.0.0.1:8080',
  management: 'http://127.0.0.1:8081',
  metrics: 'http://127.0.0.1:8082',
} as const;

/** One address for all APIs when `--host` or `--port` is given; null otherwise. */
function readSharedAddress(flags: ServeFlags, tls: TlsSource | null): ListenAddress | null {
  if (flags.host === undefined && flags.port === undefined) return null;
  if (flags.port !== undefined && !(/^\d{1,5}$/.test(flags.port) && Number(flags.port) < 65_535)) {
    throw new EisenError('CONFIG_INVALID', `--port: found '${flags.port}'; expected a number from 0 to 65534.`, {
      where: '--port',
      expected: '0..65534',
      found: flags.port,
    });
  }
  const host = flags.host ?? '127.0.0.1';
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return parseListenAddress(`${tls === null ? 'http' : 'https'}://${bracketed}:${flags.port ?? '8080'}`, 'inference');
}

/** Where the three APIs listen; APIs with equal addresses share one listener. */
export function readAddresses(values: ConfigValues, flags: ServeFlags, tls: TlsSource | null): Addresses {
  const shared = readSharedAddress(flags, tls);
  const read = (api: 'inference' | 'management' | 'metrics'): ListenAddress =>
    shared ?? parseListenAddress(readText(values, `${api}_address`) ?? DEFAULTS[api], api);
  const isOff = (api: string): boolean => readText(values, `${api}_address`)?.toLowerCase() === 'none';
  return {
    inferenceAddress: read('inference'),
    managementAddress: flags.noManagement === true || isOff('management') ? null : read('management'),
    metricsAddress: isOff('metrics') || !readBoolean(values, 'enable_metrics_api', true) ? null : read('metrics'),
  };
}

/**
 * Refuses a management API that other machines can reach without a token or in clear text, unless the operator insists.
 * @throws EisenError CONFIG_INVALID
 */
export function checkManagementExposure(
  config: Pick<ServerConfig, 'managementAddress' | 'tokens'>,
  insisted: boolean,
): string[] {
  const address = config.managementAddress;
  if (address === null || isLoopbackAddress(address)) return [];
  const hasTls = address.kind === 'tcp' && address.tls;
  const hasToken = config.tokens.required.management;
  if (hasTls && hasToken) return [];
  const missing = [hasTls ? '' : 'https', hasToken ? '' : 'tokens'].filter((word) => word !== '').join(' and ');
  const place = renderListenAddress(address);
  if (insisted)
    return [`anyone who reaches ${place} can manage this server: the management API is open without ${missing}.`];
  const hint =
    'Listen on 127.0.0.1, serve no management API (--no-management), add TLS and tokens, or insist with --dangerously-expose-management.';
  throw new EisenError(
    'CONFIG_INVALID',
    `management_address: ${place} can be reached by other machines without ${missing}; expected https and tokens off loopback. ${hint}`,
    { where: 'management_address', expected: 'https and tokens off loopback', found: place },
  );
}
