import type { SecureContextOptions } from 'node:tls';

export type ApiKind = 'inference' | 'management' | 'metrics';

/** Where a listener stands. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly tls: boolean; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export interface CorsConfig {
  readonly allowedOrigin: string;
  readonly allowedMethods: string | null;
  readonly allowedHeaders: string | null;
}

/** What the HTTP side needs of the configuration of the server. */
export interface HttpConfig {
  readonly inferenceAddress: ListenAddress;
  readonly managementAddress: ListenAddress | null;
  readonly metricsAddress: ListenAddress | null;
  readonly maxRequestBytes: number;
  readonly maxConnections: number;
  readonly enableModelApi: boolean;
  readonly cors: CorsConfig | null;
}

/** Certificate and key of the https listeners, read by the caller. */
export type TlsMaterial = Pick<SecureContextOptions, 'pfx' | 'passphrase' | 'cert' | 'key'>;

/** True when one listener carries both. Port 0 means a socket of its own each time. */
export function isSameAddress(a: ListenAddress, b: ListenAddress): boolean {
  if (a.kind === 'unix' || b.kind === 'unix') return a.kind === 'unix' && b.kind === 'unix' && a.path === b.path;
  return a === b || (a.port !== 0 && a.host === b.host && a.port === b.port && a.tls === b.tls);
}
