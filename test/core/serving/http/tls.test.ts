import { readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, expect, it } from '@jest/globals';
import { sendRaw, startTestServer, stopTestServers } from './test-server.js';

afterEach(stopTestServers);

const FOLDER = path.resolve(import.meta.dirname, '../../../../../fixtures/tls');
const read = (name: string): Buffer => readFileSync(path.join(FOLDER, name));
const FIRST = { cert: read('first.cert.pem'), key: read('first.key.pem') };
const SECOND = { cert: read('second.cert.pem'), key: read('second.key.pem') };
const KEYSTORE = { pfx: read('first.p12'), passphrase: 'changeit' };
const ADDRESS = { kind: 'tcp', tls: true, host: '127.0.0.1', port: 0 } as const;

interface Seen {
  readonly status: number | undefined;
  readonly protocol: string | null;
}

function askPing(port: number, options: https.RequestOptions): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const request = https.get({ host: 'localhost', port, path: '/ping', agent: false, ...options }, (response) => {
      const protocol = (response.socket as TLSSocket).getProtocol();
      response.resume().on('end', () => resolve({ status: response.statusCode, protocol }));
    });
    request.on('error', reject);
  });
}

it.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'https is served by %s, from PEM and from a PKCS12 keystore',
  async (version) => {
    for (const tls of [FIRST, KEYSTORE]) {
      const { port } = await startTestServer({ tls, config: { inferenceAddress: ADDRESS } });
      const seen = await askPing(port, { ca: FIRST.cert, minVersion: version, maxVersion: version });
      expect(seen).toEqual({ status: 200, protocol: version });
    }
  },
);

it('an older version of TLS is refused', async () => {
  const { port } = await startTestServer({ tls: FIRST, config: { inferenceAddress: ADDRESS } });
  const old = { ca: FIRST.cert, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await expect(askPing(port, old)).rejects.toThrow();
});

it('clear text on a TLS port gets no answer', async () => {
  const { port } = await startTestServer({ tls: FIRST, config: { inferenceAddress: ADDRESS } });
  const { text } = await sendRaw(port, 'GET /ping HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(text).not.toContain('Healthy');
});

it('a new certificate is used from the next connection on', async () => {
  const { port, listeners } = await startTestServer({ tls: FIRST, config: { inferenceAddress: ADDRESS } });
  await expect(askPing(port, { ca: SECOND.cert })).rejects.toThrow();
  listeners.reloadTls(SECOND);
  expect((await askPing(port, { ca: SECOND.cert })).status).toBe(200);
});
