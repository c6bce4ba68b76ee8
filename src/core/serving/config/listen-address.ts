import { EisenError } from '../../errors/error.js';

/** What a listener of the server serves. */
export type ApiKind = 'inference' | 'management' | 'metrics';

/** Where a listener listens. Port 0 lets the system choose one (tests); a unix address is the path of a socket file. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly tls: boolean; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

const DEFAULT_PORTS: Readonly<Record<ApiKind, { readonly http: number; readonly https: number }>> = {
  inference: { http: 80, https: 443 },
  management: { http: 8081, https: 8444 },
  metrics: { http: 8082, https: 8445 },
};

const TCP_ADDRESS = /^(https?):\/\/(\[[0-9a-fA-F:.]+\]|[^:^/]+)(?::([0-9]+))?\/?$/i;

/**
 * Parses `http://host[:port]`, `https://host[:port]` or `unix:/path`. Without a port: 80 or 443 for inference, 8081 or 8444 for
 * management, 8082 or 8445 for metrics.
 * @throws EisenError CONFIG_INVALID
 */
export function parseListenAddress(text: string, api: ApiKind): ListenAddress {
  const where = `${api}_address`;
  const trimmed = text.trim();
  if (/^unix:\/./.test(trimmed)) return { kind: 'unix', path: trimmed.slice('unix:'.length) };
  const match = TCP_ADDRESS.exec(trimmed);
  if (match === null) {
    throw new EisenError('CONFIG_INVALID', `Invalid binding address: ${text} (${where})`, {
      where,
      expected: 'http://host:port, https://host:port or unix:/path',
      found: text,
    });
  }
  const tls = match[1]!.toLowerCase() === 'https';
  const port = match[3] === undefined ? DEFAULT_PORTS[api][tls ? 'https' : 'http'] : Number(match[3]);
  // 65535 is refused as well, because the peer refuses it.
  if (port > 65_534) {
    throw new EisenError('CONFIG_INVALID', `Invalid port number: ${match[3]} (${where})`, {
      where,
      expected: '0..65534',
      found: match[3],
    });
  }
  return { kind: 'tcp', tls, host: match[2]!.replace(/^\[|\]$/g, ''), port };
}

/** The address as a URL, in the form that parseListenAddress reads. */
export function renderListenAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${address.tls ? 'https' : 'http'}://${host}:${address.port}`;
}

/** True when only programs on this machine can reach the address. */
export function isLoopbackAddress(address: ListenAddress): boolean {
  if (address.kind === 'unix') return true;
  const host = address.host.toLowerCase();
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** True when both name the same socket, so that one listener carries both APIs. Port 0 never equals another port 0. */
export function isSameAddress(a: ListenAddress, b: ListenAddress): boolean {
  if (a.kind === 'tcp' && a.port === 0) return a === b;
  return renderListenAddress(a) === renderListenAddress(b);
}
