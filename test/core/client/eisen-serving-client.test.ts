import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type ClientOptions, EisenServingClient } from '../../../src/core/client/eisen-serving-client.js';
import { decodePickleFields } from '../../../src/core/legacy/decode-pickle.js';
import { encodePickleFields } from '../../../src/core/legacy/encode-pickle.js';
import { createMetadata } from '../../../src/core/metadata/create-metadata.js';
import { decodeFields, encodeFields } from '../../../src/core/tensor/msgpack.js';
import { wrapNdArray } from '../../../src/core/tensor/ndarray.js';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const thing of open.splice(0)) thing.close();
});

type Handler = (request: http.IncomingMessage, response: http.ServerResponse, body: Buffer) => void;

async function startServer(handler: Handler): Promise<string> {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handler(request, response, Buffer.concat(chunks)));
  });
  return listen(server);
}

async function listen(server: net.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close() {
      if (server instanceof http.Server) server.closeAllConnections();
      server.close();
    },
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function createClient(address: string, options: Partial<ClientOptions> = {}): EisenServingClient {
  const client = new EisenServingClient({ url: `http://${address}/predictions/m`, env: {}, ...options });
  open.push(client);
  return client;
}

const metadata = createMetadata(['x'], ['ndarray'], [[-1, 2]], ['y'], ['ndarray'], [[-1]]);
const x = { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, 2) } as const;
const y = wrapNdArray('int16', [3], Int16Array.of(1, -2, 3));
const prediction = Buffer.concat(encodeFields(new Map([['y', { kind: 'array', array: y }]])));

describe('the client', () => {
  it('asks for the metadata with an empty POST and keeps it', async () => {
    const seen: unknown[] = [];
    const address = await startServer((request, response, body) => {
      seen.push(
        request.method,
        request.url,
        request.headers['content-length'],
        request.headers['content-type'],
        body.length,
      );
      response.end(JSON.stringify(metadata));
    });
    const client = createClient(address);
    expect(client.metadata).toBeNull();
    expect(await client.getMetadata()).toEqual(metadata);
    expect(client.metadata).toEqual(metadata);
    expect(seen).toEqual(['POST', '/predictions/m', '0', undefined, 0]);
  });

  it('speaks the pickle of eisen-deploy 0.0.2 when told to, and reads its replies without running them', async () => {
    let sent: unknown;
    const address = await startServer((request, response, body) => {
      sent = [request.headers['content-type'], request.headers.accept, decodePickleFields(body).get('x')];
      response.end(Buffer.concat(encodePickleFields(new Map([['y', { kind: 'array', array: y }]]))));
    });
    const reply = await createClient(address, { wire: 'pickle' }).predict({ x });
    expect(reply['y']).toMatchObject({ dtype: 'int16', shape: [3], data: Int16Array.of(1, -2, 3) });
    const array = wrapNdArray('float32', [1, 2], Float32Array.of(1, 2));
    expect(sent).toEqual(['application/octet-stream', '*/*', { kind: 'array', array }]);
  });

  it('refuses a pickle that names something to run', async () => {
    const address = await startServer((_request, response) => {
      response.end(Buffer.from('\x80\x04cposix\nsystem\n\x8c\x02id\x85R.', 'latin1'));
    });
    await expect(createClient(address).predict({ x })).rejects.toMatchObject({ code: 'PICKLE_REFUSED' });
  });

  it('sends the wire form of Eisen and reads it from a reply without a content-type', async () => {
    let sent = '';
    let accept: string | undefined;
    const address = await startServer((request, response, body) => {
      sent = JSON.stringify([...decodeFields(body)].map(([name, value]) => [name, value.kind]));
      accept = request.headers.accept;
      response.end(prediction);
    });
    const reply = await createClient(address).predict({ x, file: Uint8Array.of(1), note: 'a' });
    expect(sent).toBe('[["x","array"],["file","file"],["note","plain"]]');
    expect(accept).toBe('application/msgpack');
    expect(Object.keys(reply)).toEqual(['y']);
    expect(reply['y']).toMatchObject({ dtype: 'int16', shape: [3], data: Int16Array.of(1, -2, 3) });
    expect(Object.getPrototypeOf(reply)).toBeNull();
  });

  it.each<[string, string | undefined, unknown[]]>([
    [
      'tells how many numbers of an output are no numbers',
      'y=3,a%20b=1',
      [
        [
          ['y', 3],
          ['a b', 1],
        ],
      ],
    ],
    ['is silent when all are', '', []],
    ['is silent when the server does not count', undefined, []],
    ['passes over what is no count', 'y=many', []],
  ])('%s', async (_, header, told) => {
    const address = await startServer((_request, response) => {
      if (header !== undefined) response.setHeader('X-Eisen-NonFinite', header);
      response.end(prediction);
    });
    const calls: unknown[] = [];
    const reply = await createClient(address).predict({ x }, { onNonFinite: (counts) => calls.push([...counts]) });
    expect(Object.keys(reply)).toEqual(['y']);
    expect(calls).toEqual(told);
  });

  it('reads a JSON reply, told by its first byte', async () => {
    const address = await startServer((_request, response) => response.end('{"y":[1,2],"z":"a"}'));
    expect({ ...(await createClient(address).predict({ x })) }).toEqual({ y: [1, 2], z: 'a' });
  });

  it('tells the caller when the server answers with its metadata instead', async () => {
    const address = await startServer((_request, response) => response.end(JSON.stringify(metadata)));
    await expect(createClient(address).predict({ X: x })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      details: { hint: 'That is its answer when an input of the model is missing. It takes: x.' },
    });
  });

  it.each([
    ['msgpack', Buffer.from([0xc1]), 'MSGPACK_INVALID'],
    ['nothing', Buffer.alloc(0), 'MSGPACK_INVALID'],
    ['JSON that is cut off', Buffer.from('{"y":'), 'JSON_INVALID'],
  ])('refuses a reply of %s that cannot be read', async (_what, body, code) => {
    const address = await startServer((_request, response) => response.end(body));
    await expect(createClient(address).predict({ x })).rejects.toMatchObject({ code });
  });

  it('holds a batch against the metadata before it sends anything, when asked to', async () => {
    const bodies: number[] = [];
    const address = await startServer((_request, response, body) => {
      bodies.push(body.length);
      response.end(body.length === 0 ? JSON.stringify(metadata) : prediction);
    });
    const wrong = { x: { ...x, shape: [2, 1] } };
    const strict = createClient(address, { validateInputs: true });
    await expect(strict.predict(wrong)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: 'batch#/x: found 1; expected 2 along axis 1 ([-1, 2]).',
    });
    expect(bodies).toEqual([0]);
    await strict.predict({ x });
    expect(bodies).toHaveLength(2);
    await createClient(address).predict(wrong);
    expect(bodies).toHaveLength(3);
  });

  it('sends its token', async () => {
    let seen: string | undefined;
    const address = await startServer((request, response) => {
      seen = request.headers.authorization;
      response.end(JSON.stringify(metadata));
    });
    await createClient(address, { token: 'secret' }).getMetadata();
    expect(seen).toBe('Bearer secret');
    await createClient(address).getMetadata();
    expect(seen).toBeUndefined();
  });

  it('uses one connection for many requests', async () => {
    const ports = new Set<number | undefined>();
    const address = await startServer((request, response) => {
      ports.add(request.socket.remotePort);
      response.end(prediction);
    });
    const client = createClient(address);
    for (let n = 0; n < 3; n += 1) await client.predict({ x });
    expect(ports.size).toBe(1);
  });

  it('replaces a kept connection that the server closed meanwhile, and only that', async () => {
    let count = 0;
    const address = await startServer((request, response) => {
      count += 1;
      if (count === 2) request.socket.destroy();
      else response.end(prediction);
    });
    const client = createClient(address);
    await client.predict({ x });
    await client.predict({ x });
    expect(count).toBe(3);

    const dying = await startServer((request) => {
      count += 1;
      request.socket.destroy();
    });
    await expect(createClient(dying).predict({ x })).rejects.toMatchObject({ code: 'SERVER_FAILED' });
    expect(count).toBe(4);
  });
});

describe('the client tells apart', () => {
  it('no server', async () => {
    const server = net.createServer();
    const address = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    await expect(createClient(address).predict({ x })).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
      exitCode: 5,
      message: `${address}: no server answers (nothing listens there).`,
    });
  });

  it('no such host', async () => {
    await expect(createClient('no-such-host.invalid:1').predict({ x })).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
    });
  });

  it('a server of another protocol', async () => {
    const address = await listen(net.createServer((socket) => socket.end('SSH-2.0-x\r\n')));
    await expect(createClient(address).predict({ x })).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
      details: { hint: 'Does it speak https?' },
    });
  });

  it('a reply that is late', async () => {
    const address = await startServer(() => undefined);
    await expect(createClient(address, { timeoutMs: 50 }).predict({ x })).rejects.toMatchObject({
      code: 'SERVER_TIMEOUT',
      exitCode: 75,
    });
  });

  it('a reply that breaks off', async () => {
    const address = await startServer((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.socket?.destroy());
    });
    await expect(createClient(address).predict({ x })).rejects.toMatchObject({
      code: 'SERVER_FAILED',
      message: `${address}: the connection ended before the reply was whole.`,
    });
  });

  it('a reply larger than any tensor', async () => {
    const address = await startServer((_request, response) => {
      response.writeHead(200, { 'content-length': String(2 ** 40) });
      response.write('x');
    });
    await expect(createClient(address).predict({ x })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('a model that is not there', async () => {
    const address = await startServer((_request, response) => {
      response.writeHead(404);
      response.end('{"code":404,"type":"ModelNotFoundException","message":"Model not found: m"}');
    });
    await expect(createClient(address).predict({ x })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND', exitCode: 5 });
  });

  it('a caller who gave up, before and while the server works', async () => {
    const address = await startServer(() => undefined);
    await expect(createClient(address).predict({ x }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    await expect(createClient(address).predict({ x }, { signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
      exitCode: 75,
    });
  });
});

describe('through a proxy', () => {
  it('an http request carries the whole address, with the user of the proxy', async () => {
    const seen: unknown[] = [];
    const proxy = await startServer((request, response) => {
      seen.push(request.url, request.headers.host, request.headers['proxy-authorization']);
      response.end(prediction);
    });
    const client = new EisenServingClient({
      url: 'http://far.example:81/predictions/m',
      env: { http_proxy: `http://me:pw@${proxy}` },
    });
    open.push(client);
    await client.predict({ x });
    expect(seen).toEqual(['http://far.example:81/predictions/m', 'far.example:81', `Basic ${btoa('me:pw')}`]);
  });

  it('an https request asks for a tunnel, and a refusal is told', async () => {
    const server = http.createServer();
    let asked: string | undefined;
    server.on('connect', (request, socket) => {
      asked = request.url;
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    const proxy = await listen(server);
    const client = new EisenServingClient({ url: 'https://far.example/predictions/m', env: { https_proxy: proxy } });
    open.push(client);
    await expect(client.predict({ x })).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
      message: expect.stringContaining('answered 403 to CONNECT far.example:443'),
    });
    expect(asked).toBe('far.example:443');
  });
});

it.each(['', 'localhost:8080', 'ftp://h/', 'http://user:pw@h/', 'http://user@h/'])(
  'refuses %p as an address',
  (url) => {
    expect(() => new EisenServingClient({ url })).toThrow(expect.objectContaining({ code: 'USAGE' }));
  },
);
