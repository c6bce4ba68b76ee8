import { chmodSync, copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import type tls from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { call } from '../../support/http-call.js';
import { createSite, EISEN_DEPLOY, launch, type Running, run, type Site } from '../../support/serve-program.js';

const FIXTURES = path.resolve(import.meta.dirname, '../../../../fixtures/tls');
const fixture = (name: string): string => path.join(FIXTURES, name);

let site: Site;
beforeEach(() => {
  site = createSite();
});
afterEach(() => site.remove());

const HTTPS = 'inference_address=https://127.0.0.1:0\nmanagement_address=none\nmetrics_address=none';

async function serve(...lines: string[]): Promise<{ server: Running; url: string }> {
  site.configure(...lines);
  const server = launch(site, EISEN_DEPLOY, ['serve', '--ncs']);
  await server.waitFor('Model server started.');
  return { server, url: /(?:https?:\/\/127\.0\.0\.1:\d+)|(?:unix:\S+)/.exec(server.output())![0].replace(/,$/, '') };
}

interface Seen {
  readonly status: number;
  readonly subject: string;
  readonly protocol: string;
}

/** One GET over a new connection; the certificate it met and the protocol that was agreed. */
function ask(url: string, options: https.RequestOptions): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const request = https.get(`${url}/ping`, { agent: false, ...options }, (response) => {
      const socket = response.socket as tls.TLSSocket;
      const seen = { subject: String(socket.getPeerCertificate().subject.CN), protocol: socket.getProtocol() ?? '' };
      response.resume().once('end', () => resolve({ status: response.statusCode ?? 0, ...seen }));
    });
    request.once('error', reject);
  });
}

describe('https', () => {
  const ca = readFileSync(fixture('first.cert.pem'));

  it.each([
    ['a PKCS12 keystore', `keystore=${fixture('first.p12')}`],
    ['a PEM pair', `private_key_file=${fixture('first.key.pem')}\ncertificate_file=${fixture('first.cert.pem')}`],
  ])('is served from %s with TLS 1.3 and 1.2', async (_, lines) => {
    const { server, url } = await serve(HTTPS, lines);
    expect(await ask(url, { ca })).toEqual({ status: 200, subject: 'first', protocol: 'TLSv1.3' });
    expect(await ask(url, { ca, maxVersion: 'TLSv1.2' })).toMatchObject({ protocol: 'TLSv1.2' });
    await expect(
      ask(url, { ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    ).rejects.toThrow();
    server.child.kill('SIGTERM');
    expect((await server.finished).code).toBe(0);
  });

  it('takes a new certificate at SIGHUP and keeps the old one when the new one is no good', async () => {
    const [key, cert] = [path.join(site.folder, 'key.pem'), path.join(site.folder, 'cert.pem')];
    const use = (name: string): void => {
      copyFileSync(fixture(`${name}.key.pem`), key);
      copyFileSync(fixture(`${name}.cert.pem`), cert);
    };
    use('first');
    chmodSync(key, 0o600);
    const { server, url } = await serve(HTTPS, `private_key_file=${key}`, `certificate_file=${cert}`);
    use('second');
    server.child.kill('SIGHUP');
    await server.waitFor('the certificate was read again');
    const seen = await ask(url, { ca: readFileSync(fixture('second.cert.pem')) });
    expect(seen.subject).toBe('second');
    writeFileSync(cert, 'no certificate');
    server.child.kill('SIGHUP');
    await server.waitFor('the old one stays');
    expect((await ask(url, { ca: readFileSync(fixture('second.cert.pem')) })).subject).toBe('second');
    server.child.kill('SIGTERM');
    await server.finished;
  });

  it.each([
    [
      'a key that is another one',
      `private_key_file=${fixture('second.key.pem')}\ncertificate_file=${fixture('first.cert.pem')}`,
      'expected the certificate made for private_key_file (',
    ],
    ['a wrong passphrase', `keystore=${fixture('first.p12')}\nkeystore_pass=guess`, 'keystore: '],
    ['a file that is not there', 'keystore=/no/such.p12', 'keystore: /no/such.p12 cannot be read'],
  ])('does not start with %s', async (_, lines, message) => {
    site.configure(HTTPS, lines);
    const result = await run(site, EISEN_DEPLOY, ['serve', '--start', '--ncs']);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(message);
  });
});

describe('tokens of a server', () => {
  it('are in a key file of the owner, are asked for by type, renewed at /token and gone after the stop', async () => {
    const { server } = await serve('enable_token_authorization=true', 'token_failure_status=401');
    const urls = [...server.output().matchAll(/http:\/\/127\.0\.0\.1:\d+/g)].map(([url]) => url);
    const [inference, management] = urls as [string, string];
    const file = path.join(site.folder, 'key_file.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const keys = JSON.parse(readFileSync(file, 'utf8')) as Record<'inference' | 'management' | 'API', { key: string }>;
    const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
    const statuses = async (url: string): Promise<number[]> => [
      (await call(url)).status,
      (await call(url, bearer('wrong'))).status,
      (await call(url, bearer(keys.inference.key))).status,
      (await call(url, bearer(keys.management.key))).status,
    ];
    expect(await statuses(`${inference}/ping`)).toEqual([401, 401, 200, 401]);
    expect(await statuses(`${management}/models`)).toEqual([401, 401, 401, 200]);
    expect((await call(`${management}/token?type=inference`, bearer(keys.API.key))).status).toBe(200);
    const renewed = JSON.parse(readFileSync(file, 'utf8')) as typeof keys;
    expect(renewed.inference.key).not.toBe(keys.inference.key);
    expect(renewed.management.key).toBe(keys.management.key);
    server.child.kill('SIGTERM');
    await server.finished;
    expect(existsSync(file)).toBe(false);
    const logs = readFileSync(path.join(site.folder, 'logs', 'ts_log.log'), 'utf8');
    expect(logs).not.toContain(keys.inference.key);
  });
});

describe('a unix socket', () => {
  it('serves, and a stale one of a killed server is replaced', async () => {
    const socket = path.join(site.folder, 'tmp', 'inference.sock');
    const lines = [`inference_address=unix:${socket}`, 'management_address=none', 'metrics_address=none'];
    const ping = (): Promise<number> =>
      new Promise((resolve, reject) => {
        http
          .get({ socketPath: socket, path: '/ping' }, (response) => resolve(response.resume().statusCode ?? 0))
          .once('error', reject);
      });
    const first = await serve(...lines);
    expect(await ping()).toBe(200);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    first.server.child.kill('SIGKILL');
    await first.server.finished;
    expect(existsSync(socket)).toBe(true);
    const second = await serve(...lines);
    expect(await ping()).toBe(200);
    second.server.child.kill('SIGTERM');
    expect((await second.server.finished).code).toBe(0);
    expect(existsSync(socket)).toBe(false);
  });
});
