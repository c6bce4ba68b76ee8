import { EisenError } from '../errors/error.js';

/** The part of the environment that names proxies. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * The proxy for this address, or null to go straight: http_proxy, https_proxy, all_proxy and no_proxy in either case (lower
 * case first, as curl does). A loopback address never goes through a proxy: it names this machine, not the proxy's.
 *
 * @throws USAGE when the environment names a proxy that is not an http:// or https:// address.
 */
export function chooseProxy(target: URL, env: ProxyEnvironment): URL | null {
  if (LOOPBACK.test(target.hostname)) return null;
  const read = (name: string): string => env[name] || env[name.toUpperCase()] || '';
  if (isExempt(target, read('no_proxy'))) return null;
  const scheme = target.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const text = read(scheme) || read('all_proxy');
  if (text === '') return null;
  const address = text.includes('://') ? text : `http://${text}`;
  const proxy = URL.canParse(address) ? new URL(address) : null;
  if (proxy === null || (proxy.protocol !== 'http:' && proxy.protocol !== 'https:')) {
    throw new EisenError('USAGE', `${scheme}: '${text}' is no proxy address; expected http://host:port.`, {
      where: scheme,
    });
  }
  return proxy;
}

/** no_proxy: names separated by commas; `*` is all, `.a.b` and `a.b` cover the name and what ends in it, `:port` narrows. */
function isExempt(target: URL, list: string): boolean {
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, host = '', entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (entryPort !== undefined && entryPort !== port) return false;
      const name = host.replace(/^\*?\./, '');
      return target.hostname === name || target.hostname.endsWith(`.${name}`);
    });
}

/** The header value that a proxy wants when its address carries a user, else null. */
export function proxyAuthorization(proxy: URL): string | null {
  if (proxy.username === '') return null;
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}
