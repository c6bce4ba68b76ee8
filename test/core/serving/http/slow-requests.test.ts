import net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { LIMITS } from '../../../../src/core/limits.js';
import { bodyTimeLeft } from '../../../../src/core/serving/http/pieces.js';
import { fakeModel } from './fake-model.js';
import { ask, sendRaw, startTestServer, stopTestServers } from './test-server.js';

afterEach(stopTestServers);

const TIMEOUTS = { headersMs: 300, bodyMs: 300 };

describe('a client that is too slow', () => {
  it('with its headers gets 408 and loses its connection', async () => {
    const { port } = await startTestServer({ timeouts: TIMEOUTS });
    const { text, closed } = await sendRaw(port, 'GET /ping HTTP/1.1\r\nHost: x\r\nX-Slow: ', 10_000);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(closed).toBe(true);
  });

  it('with its body gets 408, and what it held is given back', async () => {
    const model = fakeModel();
    const { port } = await startTestServer({ models: [model], timeouts: TIMEOUTS, maxInFlightBytes: 1000 });
    const head = 'POST /predictions/noop HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nshort';
    const { text, closed } = await sendRaw(port, head, 10_000);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain('"type": "RequestTimeoutException"');
    expect(closed).toBe(true);
    expect((await ask({ port, path: '/predictions/noop', body: new Uint8Array(900) })).status).toBe(200);
    expect(model.jobs).toHaveLength(1);
  });

  it('does not keep others from being served', async () => {
    const { port } = await startTestServer({ models: [fakeModel()], timeouts: TIMEOUTS });
    const slow = Array.from({ length: 50 }, () => {
      const socket = net.connect(port, '127.0.0.1').on('error', () => {});
      socket.write('POST /predictions/noop HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n');
      return socket;
    });
    expect((await ask({ port, path: '/predictions/noop', body: 'x' })).status).toBe(200);
    await Promise.all(slow.map((socket) => new Promise((resolve) => socket.once('close', resolve).resume())));
  });
});

describe('a client that goes right after its request', () => {
  it.each([
    ['by an orderly end', (socket: net.Socket): unknown => socket.destroySoon()],
    ['by a reset', (socket: net.Socket): unknown => socket.resetAndDestroy()],
  ])('%s gives back what it held', async (_, leave) => {
    const { port } = await startTestServer({ models: [fakeModel()], maxInFlightBytes: 1000 });
    const request = `POST /predictions/noop HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n${'x'.repeat(900)}`;
    for (let n = 0; n < 20; n += 1) {
      const socket = net.connect(port, '127.0.0.1').on('error', () => {});
      await new Promise<void>((resolve) => socket.write(request, () => resolve()));
      const closed = new Promise((resolve) => socket.once('close', resolve).resume());
      leave(socket);
      await closed;
    }
    let status = 0;
    for (let n = 0; n < 40 && status !== 200; n += 1) {
      status = (await ask({ port, path: '/predictions/noop', body: new Uint8Array(900) })).status;
      // What is held too long is a 503 until the server has seen that its client is gone.
      if (status !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(status).toBe(200);
  });
});

describe('the time of a body', () => {
  const rate = LIMITS.httpBodyBytesPerSecond;

  it.each([
    [{ elapsedMs: 0, received: 0, bodyMs: 30_000 }, 30_000],
    [{ elapsedMs: 30_000, received: 0, bodyMs: 30_000 }, 0],
    [{ elapsedMs: 30_000, received: rate * 10, bodyMs: 30_000 }, 10_000],
    [{ elapsedMs: 45_000, received: rate * 10, bodyMs: 30_000 }, -5000],
  ])('%j leaves %i ms', (body, expected) => expect(bodyTimeLeft(body)).toBe(expected));
});
