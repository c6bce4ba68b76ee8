import { describe, expect, it } from '@jest/globals';
import { chooseProxy, proxyAuthorization } from '../../../src/core/client/proxy.js';

const choose = (url: string, env: Record<string, string>) => chooseProxy(new URL(url), env)?.href ?? null;

describe('the proxy for', () => {
  it.each([
    ['http by http_proxy', 'http://a.org/', { http_proxy: 'http://p:1' }, 'http://p:1/'],
    ['https by HTTPS_PROXY', 'https://a.org/', { HTTPS_PROXY: 'http://p:1' }, 'http://p:1/'],
    ['https is not that for http', 'https://a.org/', { http_proxy: 'http://p:1' }, null],
    ['either by ALL_PROXY', 'https://a.org/', { ALL_PROXY: 'http://p:1' }, 'http://p:1/'],
    [
      'lower case before upper case',
      'http://a.org/',
      { http_proxy: 'http://p:1', HTTP_PROXY: 'http://q:1' },
      'http://p:1/',
    ],
    ['an address without a scheme', 'http://a.org/', { http_proxy: 'p:8888' }, 'http://p:8888/'],
    ['nothing named', 'http://a.org/', {}, null],
    ['no_proxy: the name', 'http://a.org/', { http_proxy: 'p:1', no_proxy: 'b.org, a.org' }, null],
    ['no_proxy: a suffix with a dot', 'http://x.a.org/', { http_proxy: 'p:1', no_proxy: '.a.org' }, null],
    ['no_proxy: a suffix without a dot', 'http://x.a.org/', { http_proxy: 'p:1', NO_PROXY: 'a.org' }, null],
    [
      'no_proxy: not the middle of a name',
      'http://xa.org/',
      { http_proxy: 'http://p:1', no_proxy: 'a.org' },
      'http://p:1/',
    ],
    ['no_proxy: everything', 'http://a.org/', { http_proxy: 'p:1', no_proxy: '*' }, null],
    ['no_proxy: the right port', 'http://a.org:81/', { http_proxy: 'p:1', no_proxy: 'a.org:81' }, null],
    ['no_proxy: another port', 'http://a.org:82/', { http_proxy: 'http://p:1', no_proxy: 'a.org:81' }, 'http://p:1/'],
    ['localhost: never', 'http://localhost:8080/', { http_proxy: 'p:1' }, null],
    ['127.0.0.2: never', 'http://127.0.0.2/', { all_proxy: 'p:1' }, null],
    ['[::1]: never', 'http://[::1]:8080/', { all_proxy: 'p:1' }, null],
  ])('%s', (_what, url, env, proxy) => {
    expect(choose(url, env as unknown as Record<string, string>)).toBe(proxy);
  });

  it.each(['socks5://p:1', 'http://', '::::'])('refuses %s as a proxy', (text) => {
    expect(() => choose('http://a.org/', { http_proxy: text })).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

it('the user of a proxy address becomes a Basic header', () => {
  expect(proxyAuthorization(new URL('http://me:p%40ss@p:1'))).toBe(`Basic ${btoa('me:p@ss')}`);
  expect(proxyAuthorization(new URL('http://p:1'))).toBeNull();
});
