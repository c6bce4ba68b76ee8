import net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { chooseIdleToClose } from '../../../../src/core/serving/http/connections.js';
import { fakeModel } from './fake-model.js';
import { ask, errorOf, sendRaw, startTestServer, stopTestServers } from './test-server.js';

afterEach(stopTestServers);

const POST = 'POST /predictions/noop HTTP/1.1\r\nHost: x\r\n';
const NEXT = 'GET /ping HTTP/1.1\r\nHost: x\r\n\r\n';

/** Requests that two servers on the way could read differently: each is refused, and nothing behind it is answered. */
const SMUGGLING: readonly (readonly [string, string])[] = [
  ['content-length with chunked', `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${NEXT}`],
  ['chunked with content-length', `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${NEXT}`],
  ['two content lengths', `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello${NEXT}`],
  ['a content length with a sign', `${POST}Content-Length: +5\r\n\r\nhello${NEXT}`],
  ['a negative content length', `${POST}Content-Length: -1\r\n\r\n${NEXT}`],
  ['a list of content lengths', `${POST}Content-Length: 5,5\r\n\r\nhello${NEXT}`],
  ['a hexadecimal content length', `${POST}Content-Length: 0x5\r\n\r\nhello${NEXT}`],
  ['an unknown transfer encoding', `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${NEXT}`],
  ['chunked not last', `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${NEXT}`],
  ['a blank before the colon', `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${NEXT}`],
  ['a folded header', `${POST}X-A: 1\r\n Content-Length: 5\r\n\r\nhello${NEXT}`],
  ['a bare line feed', `POST /predictions/noop HTTP/1.1\nHost: x\nContent-Length: 0\n\n${NEXT}`],
  ['a zero byte in a header', `${POST}X-A: a\u0000b\r\n\r\n${NEXT}`],
  ['a chunk size that overflows', `${POST}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${NEXT}`],
  ['a chunk size that is no number', `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n${NEXT}`],
  ['a version that is none', `GET /ping HTTP/9.9\r\nHost: x\r\n\r\n${NEXT}`],
];

describe('a request that could be read in two ways', () => {
  it.each(SMUGGLING)('%s is refused once and ends the connection', async (_, bytes) => {
    const model = fakeModel();
    const { port } = await startTestServer({ models: [model] });
    const { text, closed } = await sendRaw(port, bytes);
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('"type": "BadRequestException"');
    expect(closed).toBe(true);
    expect(model.jobs).toHaveLength(0);
  });

  it('is not one that is pipelined: the answers come in order', async () => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    const one = `${POST}Content-Length: 3\r\n\r\none`;
    const two = `${POST}Content-Length: 3\r\n\r\ntwo`;
    const { text } = await sendRaw(port, one + two);
    expect(text.indexOf('one')).toBeGreaterThan(0);
    expect(text.indexOf('two')).toBeGreaterThan(text.indexOf('one'));
    expect(text.match(/x-request-id: /g)).toHaveLength(2);
  });
});

describe('headers', () => {
  it.each([
    ['two Hosts', 'GET /ping HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 400],
    ['no Host', 'GET /ping HTTP/1.1\r\n\r\n', 400],
    ['no Host in HTTP/1.0', 'GET /ping HTTP/1.0\r\n\r\n', 200],
    ['101 of them', `GET /ping HTTP/1.1\r\nHost: a\r\n${'X-A: 1\r\n'.repeat(100)}\r\n`, 431],
    ['3000 short ones', `GET /ping HTTP/1.1\r\nHost: a\r\n${'A:\r\n'.repeat(3000)}\r\n`, 431],
    ['100 of them', `GET /ping HTTP/1.1\r\nHost: a\r\n${'X-A: 1\r\n'.repeat(99)}\r\n`, 200],
    ['20,000 bytes of them', `GET /ping HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['a target of 9,000 signs', `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    ['an Upgrade', 'GET /ping HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', 200],
    ['an unknown Expect', 'GET /ping HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n', 417],
  ])('%s', async (_, bytes, status) => {
    const { port } = await startTestServer();
    expect((await sendRaw(port, bytes)).text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });
});

describe('a request target', () => {
  it.each([
    ['/predictions/%zz', 400],
    ['/predictions/%ff', 400],
    ['/predictions/a%00b', 400],
    ['/../../models', 404],
    ['/predictions/../models', 404],
    ['/predictions/..%2f..%2fetc', 404],
    ['//ping', 404],
    ['http://other.example/ping', 400],
    ['ftp://x/ping', 400],
    ['http://x/ping', 200],
    ['/ping/', 200],
    ['/p%69ng', 200],
  ])('%s is %i', async (target, status) => {
    const { port } = await startTestServer();
    const { text } = await sendRaw(port, `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('* is taken for the root', async () => {
    const { port } = await startTestServer();
    expect((await sendRaw(port, 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n')).text).toMatch(/^HTTP\/1\.1 (200|405) /);
  });
});

describe('a body', () => {
  it('in 70,000 chunks of one byte is refused', async () => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    const chunks = Buffer.from('1\r\na\r\n'.repeat(70_000));
    const { text } = await sendRaw(
      port,
      Buffer.concat([Buffer.from(`${POST}Transfer-Encoding: chunked\r\n\r\n`), chunks]),
      10_000,
    );
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('too many chunks');
  });

  it('in many small chunks arrives whole and in few pieces', async () => {
    const model = fakeModel();
    const { port } = await startTestServer({ models: [model] });
    const chunks = '3\r\nabc\r\n'.repeat(5000);
    await sendRaw(port, `${POST}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`, 500);
    const pieces = model.jobs[0]?.parameters[0]?.value ?? [];
    expect(Buffer.concat(pieces).toString()).toBe('abc'.repeat(5000));
    expect(pieces.length).toBeLessThan(20);
  });

  it('with an extension of 64 KiB to a chunk is refused', async () => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    const bytes = `${POST}Transfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(65_536)}\r\na\r\n0\r\n\r\n`;
    expect((await sendRaw(port, bytes)).text).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('that ends early costs no job: its place is given back when the client goes', async () => {
    const model = fakeModel();
    const { port } = await startTestServer({ models: [model], maxInFlightBytes: 1000 });
    const socket = net.connect(port, '127.0.0.1');
    socket.write(`${POST}Content-Length: 900\r\n\r\nshort`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await ask({ port, path: '/predictions/noop', body: new Uint8Array(500) })).status).toBe(503);
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await ask({ port, path: '/predictions/noop', body: new Uint8Array(500) })).status).toBe(200);
    expect(model.jobs).toHaveLength(1);
  });

  it.each([
    ['a boundary of no sign', 'multipart/form-data; boundary=""', 'x'],
    ['a boundary that is not there', 'multipart/form-data; boundary=B', 'x'],
    ['no last boundary', 'multipart/form-data; boundary=B', '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx'],
    ['a part without a name', 'multipart/form-data; boundary=B', '--B\r\nX: y\r\n\r\nx\r\n--B--'],
    ['headers without an end', 'multipart/form-data; boundary=B', `--B\r\nX: ${'y'.repeat(20_000)}\r\n--B--`],
    ['rubbish behind the boundary', 'multipart/form-data; boundary=B', '--Bzzz\r\n\r\n'],
  ])('that is a form with %s is refused with a reason', async (_, type, body) => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    const answer = await ask({ port, path: '/predictions/noop', body, headers: { 'content-type': type } });
    expect([answer.status, errorOf(answer).detail?.code]).toEqual([400, 'BODY_UNDECODABLE']);
  });

  it('that is a form of 1001 parts is refused', async () => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    const part = '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n';
    const headers = { 'content-type': 'multipart/form-data; boundary=B' };
    const answer = await ask({ port, path: '/predictions/noop', body: `${part.repeat(1001)}--B--`, headers });
    expect(answer.status).toBe(413);
  });
});

describe('idle connections', () => {
  const at = (idleSince: number | null, address = 'a') => ({ address, idleSince });

  it('of one client beyond its share are closed, the longest idle first', () => {
    const open: [string, ReturnType<typeof at>][] = [
      ['old', at(0)],
      ['newer', at(5)],
      ['busy', at(null)],
      ['fresh', at(99)],
      ['other', at(0, 'b')],
    ];
    expect(chooseIdleToClose(open, { now: 100, keep: 1, graceMs: 10 })).toEqual(['old']);
    expect(chooseIdleToClose(open, { now: 100, keep: 2, graceMs: 10 })).toEqual([]);
  });
});

describe('a connection', () => {
  it('beyond the limit is not served', async () => {
    const { port } = await startTestServer({ config: { maxConnections: 2 } });
    const held = [1, 2].map(() => net.connect(port, '127.0.0.1'));
    await Promise.all(held.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    expect((await sendRaw(port, NEXT)).text).toBe('');
    for (const socket of held) socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await sendRaw(port, NEXT)).text).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('ends where the client asked for that', async () => {
    const { port } = await startTestServer();
    const { text, closed } = await sendRaw(port, 'GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(text).toMatch(/connection: close/i);
    expect(closed).toBe(true);
  });
});

describe('bytes behind a last reply', () => {
  it('get no second one', async () => {
    const { port } = await startTestServer();
    const { text, closed } = await sendRaw(port, 'GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\nrubbish\r\n\r\n');
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(closed).toBe(true);
  });
});

describe('draining', () => {
  it('answers what was accepted, tells the client that the connection ends, and lets nothing new in', async () => {
    let finish: (() => void) | undefined;
    const model = fakeModel({
      submit: async (job) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return {
          status: 200,
          reason: 'OK',
          contentType: '',
          headers: [],
          body: job.parameters[0]!.value,
          timing: { queueMs: 0, workerMs: 0 },
        };
      },
    });
    const { port, listeners } = await startTestServer({ models: [model] });
    const pending = ask({ port, path: '/predictions/noop', body: 'late' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const stopped = listeners.stop(5000);
    await expect(ask({ port, path: '/ping' })).rejects.toThrow();
    finish?.();
    const answer = await pending;
    expect([answer.status, answer.body.toString(), answer.headers['connection']]).toEqual([200, 'late', 'close']);
    await stopped;
  });

  it('ends a silent and a half-sent connection when the grace is over', async () => {
    const { port, listeners } = await startTestServer();
    const silent = net.connect(port, '127.0.0.1');
    const half = net.connect(port, '127.0.0.1');
    half.write('POST /predictions/noop HTTP/1.1\r\nHo');
    const ends = [silent, half].map(
      (socket) => new Promise((resolve) => socket.on('error', () => {}).once('close', resolve)),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    const started = Date.now();
    await listeners.stop(200);
    await Promise.all(ends);
    expect(Date.now() - started).toBeGreaterThanOrEqual(150);
  });
});
