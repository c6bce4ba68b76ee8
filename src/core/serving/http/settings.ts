import type { SecureContextOptions } from 'node:tls';
import type { ServerConfig } from '../config/server-config.js';

/** What the HTTP side needs of the configuration of the server. */
export type HttpConfig = Pick<
  ServerConfig,
  | 'inferenceAddress'
  | 'managementAddress'
  | 'metricsAddress'
  | 'maxRequestBytes'
  | 'maxConnections'
  | 'enableModelApi'
  | 'cors'
  | 'metricsMode'
  | 'defaultWorkersPerModel'
  | 'unregisterModelTimeoutMs'
> & { readonly tokens: Pick<ServerConfig['tokens'], 'required' | 'failureStatus' | 'fixed'> };

/** Certificate and key of the https listeners, read by the caller. */
export type TlsMaterial = Pick<SecureContextOptions, 'pfx' | 'passphrase' | 'cert' | 'key'>;

/** What checks and renews tokens; absent when no listener asks for one. */
export interface TokenGate {
  /** True when there is exactly one bearer token among the Authorization headers and it is good for this kind. */
  check(kind: 'inference' | 'management' | 'API', authorizationHeaders: readonly string[]): boolean;
  rotate(kind: 'inference' | 'management'): Promise<void>;
}
