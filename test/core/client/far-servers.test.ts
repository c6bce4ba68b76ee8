import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type ClientOptions, EisenServingClient } from '../../../src/core/client/eisen-serving-client.js';
import { retryDelayMs } from '../../../src/core/client/retry-after.js';
import { createMetadata } from '../../../src/core/metadata/create-metadata.js';
import { decodeFields, encodeFields } from '../../../src/core/tensor/msgpack.js';
import { wrapNdArray } from '../../../src/core/tensor/ndarray.js';

const TLS = path.resolve(import.meta.dirname, '..', '..', '..', '..', 'fixtures', 'tls');
const pem = (name: string): string => readFileSync(path.join(TLS, name), 'utf8');

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const thing of open.splice(0)) thing.close();
});

async function listen(server: net.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close() {
      if (server instanceof http.Server || server instanceof https.Server) server.closeAllConnections();
      server.close();
    },
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function createClient(url: string, options: Partial<ClientOptions> = {}): EisenServingClient {
  const client = new EisenServingClient({ url, env: {}, ...options });
  open.push(client);
  return client;
}

const metadata = JSON.stringify(createMetadata(['x'], ['ndarray'], [[-1]], ['y'], ['ndarray'], [[-1]]));
const y = wrapNdArray('int16', [3], Int16Array.of(1, -2, 3));
const prediction = Buffer.concat(encodeFields(new Map([['y', { kind: 'array', array: y }]])));
const answer: http.RequestListener = (request, response) => request.resume().on('end', () => response.end(metadata));
const startTls = () => listen(https.createServer({ cert: pem('first.cert.pem'), key: pem('first.key.pem') }, answer));

describe('a server with a certificate', () => {
  it('is trusted when its authority is named', async () => {
    const address = await startTls();
    const client = createClient(`https://${address}/predictions/m`, { ca: pem('first.cert.pem') });
    expect((await client.getMetadata()).inputs).toHaveLength(1);
  });

  it.each([
    ['nobody has signed', {}],
    ['another authority has signed', { ca: pem('second.cert.pem') }],
  ])('that %s is not, and the hint names the way', async (_what, options) => {
    const address = await startTls();
    await expect(createClient(`https://${address}/predictions/m`, options).getMetadata()).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
      exitCode: 5,
      message: expect.stringContaining("the server's certificate is not trusted"),
      details: { hint: expect.stringContaining('--ca') },
    });
  });

  it('is asked about when it was addressed as http', async () => {
    const address = await startTls();
    await expect(createClient(`http://${address}/predictions/m`).getMetadata()).rejects.toMatchObject({
      code: 'SERVER_FAILED',
      message: `${address}: the connection ended before the server answered.`,
      details: { hint: expect.stringContaining('https://') },
    });
  });

  it('is reached through the tunnel of a proxy, checked by its own name', async () => {
    const address = await startTls();
    const proxy = http.createServer();
    const asked: (string | undefined)[] = [];
    proxy.on('connect', (request, socket: net.Socket) => {
      asked.push(request.url);
      const far = net.connect(Number(address.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        far.pipe(socket).pipe(far);
      });
      socket.on('error', () => far.destroy());
      far.on('error', () => socket.destroy());
    });
    const env = { https_proxy: `http://${await listen(proxy)}` };
    const ca = pem('first.cert.pem');
    const wrongName = createClient('https://far.example:8443/predictions/m', { env, ca });
    await expect(wrongName.getMetadata()).rejects.toMatchObject({
      message: expect.stringMatching(/certificate is not trusted .*far\.example/),
    });
    expect(asked).toEqual(['far.example:8443']);
  });
});

it('a proxy that does not answer is named, not the server behind it', async () => {
  const gone = net.createServer();
  const proxy = await listen(gone);
  await new Promise((resolve) => gone.close(resolve));
  for (const url of ['http://far.example/predictions/m', 'https://far.example/predictions/m']) {
    const env = { http_proxy: `http://${proxy}`, https_proxy: `http://${proxy}` };
    await expect(createClient(url, { env }).getMetadata()).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
      message: `${proxy}: no proxy answers (nothing listens there).`,
      details: { where: 'far.example', hint: expect.stringContaining('NO_PROXY=far.example') },
    });
  }
});

describe('what is no model server', () => {
  it.each<[string, number, Record<string, string>, string, string]>([
    ['a web page', 200, { 'content-type': 'text/html' }, '<html>Welcome', 'a web page was sent, not the metadata'],
    ['a page of errors', 501, {}, '<!DOCTYPE HTML><html>', 'HTTP status 501 and a web page.'],
    [
      'a page for people',
      405,
      { 'content-type': 'text/html; charset=utf-8' },
      '<p>no',
      'HTTP status 405 and a web page.',
    ],
    ['other JSON', 200, {}, '{"status":"ok"}', 'not the metadata of a model'],
    ['a word', 200, {}, 'pong', 'not the metadata of a model'],
  ])('is told: %s', async (_what, status, headers, body, message) => {
    const address = await listen(
      http.createServer((request, response) => {
        request.resume();
        response.writeHead(status, headers).end(body);
      }),
    );
    await expect(createClient(`http://${address}/predictions/m`).getMetadata()).rejects.toMatchObject({
      code: 'SERVER_REFUSED',
      exitCode: 5,
      message: expect.stringContaining(message),
    });
  });
});

describe('a busy server', () => {
  const startBusy = async (refusals: number, retryAfter: string | null = '0') => {
    let asked = 0;
    const address = await listen(
      http.createServer((request, response) => {
        asked += 1;
        request.resume().on('end', () => {
          if (asked > refusals) return void response.end(prediction);
          if (retryAfter !== null) response.setHeader('retry-after', retryAfter);
          response.writeHead(503).end('{"code":503,"type":"ServiceUnavailableException","message":"full"}');
        });
      }),
    );
    return { url: `http://${address}/predictions/m`, asked: () => asked };
  };

  it('is asked again when it says when, as often as the caller allows', async () => {
    const { url, asked } = await startBusy(2);
    const waits: number[] = [];
    const client = createClient(url, { busyRetries: 2, onBusy: (waitMs) => waits.push(waitMs) });
    expect(await client.predict({ x: 1 })).toMatchObject({ y: { dtype: 'int16' } });
    expect([asked(), waits]).toEqual([3, [0, 0]]);
  });

  it.each([
    ['that is not allowed', '0', undefined],
    ['it does not say when', null, 3],
    ['it would take too long', '3600', 3],
    ['it is busy each time', '0', 1],
  ])('is given up when %s', async (_what, retryAfter, busyRetries) => {
    const { url, asked } = await startBusy(9, retryAfter);
    const client = createClient(url, busyRetries === undefined ? {} : { busyRetries });
    await expect(client.predict({ x: 1 })).rejects.toMatchObject({ code: 'SERVER_BUSY', exitCode: 75 });
    expect(asked()).toBe(busyRetries === 1 ? 2 : 1);
  });

  it('is not waited for once the caller has given up', async () => {
    const { url } = await startBusy(9, '50');
    const controller = new AbortController();
    const client = createClient(url, { busyRetries: 1, onBusy: () => controller.abort() });
    await expect(client.predict({ x: 1 }, { signal: controller.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  const now = Date.UTC(2026, 0, 1);
  it.each<[number, string | undefined, number | null]>([
    [503, '2', 2000],
    [429, '60', 60_000],
    [503, '61', null],
    [503, 'Thu, 01 Jan 2026 00:00:05 GMT', 5000],
    [503, 'Wed, 31 Dec 2025 00:00:00 GMT', 0],
    [503, 'soon', null],
    [503, '-1', null],
    [503, undefined, null],
    [500, '2', null],
    [200, '2', null],
  ])('answering %i with Retry-After %p is waited for %p ms', (status, text, waitMs) => {
    const headers = text === undefined ? {} : { 'retry-after': text };
    expect(retryDelayMs({ status, headers }, now)).toBe(waitMs);
  });
});

it('a gzipped file travels as it is, and several inputs in one body', async () => {
  const packed = gzipSync('a volume');
  let sent = new Map<string, unknown>();
  const address = await listen(
    http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        expect(request.headers['content-encoding']).toBeUndefined();
        sent = new Map(decodeFields(Buffer.concat(chunks)));
        response.end(prediction);
      });
    }),
  );
  await createClient(`http://${address}/predictions/m`).predict({ t1: packed, t2: Buffer.from('other'), age: 63 });
  expect([...sent.keys()]).toEqual(['t1', 't2', 'age']);
  expect(Buffer.compare((sent.get('t1') as { bytes: Buffer }).bytes, packed)).toBe(0);
});

it.each([
  ['127.0.0.1:8080', 'Did you mean http://127.0.0.1:8080?'],
  ['brain-server/predictions/m', 'Did you mean http://brain-server/predictions/m?'],
  ['', undefined],
])('the address %p is refused with the hint %p', (url, hint) => {
  try {
    createClient(url);
  } catch (error) {
    expect(error).toMatchObject({ code: 'USAGE' });
    expect((error as { details: { hint?: string } }).details.hint).toBe(hint);
    return;
  }
  throw new Error('expected a refusal');
});
