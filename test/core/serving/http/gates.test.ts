import { afterEach, describe, expect, it } from '@jest/globals';
import type { TokenGate } from '../../../../src/core/serving/http/settings.js';
import { fakeModel } from './fake-model.js';
import { ask, errorOf, localAddress, startTestServer, stopTestServers, type TestServerOptions } from './test-server.js';

afterEach(stopTestServers);

/** One good token a kind; counts renewals. */
function createGate(): TokenGate & { readonly renewed: string[] } {
  const renewed: string[] = [];
  const good = { inference: 'Bearer I', management: 'Bearer M', API: 'Bearer A' };
  return {
    renewed,
    check: (kind, headers) => headers.length === 1 && headers[0] === good[kind],
    rotate: async (kind) => void renewed.push(kind),
  };
}

const REQUIRED = { inference: true, management: true, metrics: true };
const SENTENCE = 'Token Authorization failed. Token either incorrect, expired, or not provided correctly';

async function startGuarded(options: TestServerOptions & { status?: 400 | 401 } = {}) {
  const gate = createGate();
  const address = localAddress();
  const server = await startTestServer({
    models: [fakeModel()],
    gate,
    ...options,
    config: {
      inferenceAddress: address,
      managementAddress: address,
      metricsAddress: address,
      tokens: {
        required: REQUIRED,
        failureStatus: options.status ?? 400,
        fixed: { inference: null, management: null },
      },
      ...options.config,
    },
  });
  return { ...server, gate };
}

describe('a token', () => {
  it.each([
    ['/ping', 'I'],
    ['/predictions/noop', 'I'],
    ['/metrics', 'I'],
    ['/v2/health/ready', 'I'],
    ['/models', 'M'],
    ['/models/noop', 'M'],
  ])('%s needs %s, and no other opens it, also when one port carries all APIs', async (path, good) => {
    const { port } = await startGuarded();
    for (const token of ['I', 'M', 'A', 'x']) {
      const answer = await ask({ port, path, headers: { authorization: `Bearer ${token}` } });
      expect([token, answer.status]).toEqual([token, token === good ? 200 : 400]);
    }
    const bare = await ask({ port, path });
    expect([bare.status, errorOf(bare).type, errorOf(bare).message]).toEqual([400, 'InvalidKeyException', SENTENCE]);
  });

  it.each<[string, string | undefined, string]>([
    ['/ping', undefined, "the inference token of key_file.json, as 'Authorization: Bearer TOKEN'; none was sent."],
    ['/models', 'Bearer I', 'the management token of key_file.json, .* of another kind, expired or wrong.'],
    ['/token?type=inference', 'Bearer M', 'the API token of key_file.json, .* of another kind, expired or wrong.'],
  ])('refused at %s with %j says which one is taken', async (path, authorization, hint) => {
    const { port } = await startGuarded();
    const answer = await ask({ port, path, headers: authorization === undefined ? {} : { authorization } });
    expect(errorOf(answer).detail).toMatchObject({ code: 'TOKEN_REFUSED', hint: expect.stringMatching(hint) });
  });

  it('that stands twice is no token', async () => {
    const { port } = await startGuarded();
    const headers = { authorization: ['Bearer I', 'Bearer I'] } as unknown as Record<string, string>;
    expect((await ask({ port, path: '/ping', headers })).status).toBe(400);
  });

  it('is not needed for the description, and is not handed to a handler', async () => {
    const model = fakeModel();
    const { port } = await startGuarded({ models: [model] });
    expect((await ask({ port, path: '/api-description' })).status).toBe(200);
    await ask({ port, path: '/predictions/noop', body: 'x', headers: { authorization: 'Bearer I' } });
    expect(JSON.stringify(model.jobs[0]?.headers)).not.toContain('Bearer');
  });

  it('can be refused with 401 where the operator asks for that', async () => {
    const { port } = await startGuarded({ status: 401 });
    const answer = await ask({ port, path: '/ping' });
    expect([answer.status, errorOf(answer).code, answer.headers['www-authenticate']]).toEqual([401, 401, 'Bearer']);
  });

  it('is looked at before the body is read', async () => {
    const { port } = await startGuarded();
    expect((await ask({ port, path: '/predictions/noop', body: new Uint8Array(500_000) })).status).toBe(400);
  });

  it.each([
    ['A', 'inference', 200],
    ['A', 'management', 200],
    ['A', 'API', 400],
    ['I', 'inference', 400],
  ])('%s renewing %s is %i', async (token, type, status) => {
    const { port, gate } = await startGuarded();
    const answer = await ask({ port, path: `/token?type=${type}`, headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(status);
    expect(gate.renewed).toEqual(status === 200 ? [type] : []);
    if (status === 200) expect(answer.body.toString()).toBe('\n');
    else expect(errorOf(answer).message).toMatch(/^Token Authentication failed\./);
  });

  it('call is unknown where tokens are off', async () => {
    const { managementPort } = await startTestServer();
    expect((await ask({ port: managementPort, path: '/token?type=inference' })).status).toBe(404);
  });
});

const CORS = { allowedOrigin: 'https://viewer.example', allowedMethods: 'GET, POST', allowedHeaders: 'content-type' };

describe('a browser', () => {
  const PREFLIGHT = { origin: 'https://viewer.example', 'access-control-request-method': 'POST' };

  it('gets a real preflight, without a token', async () => {
    const { port } = await startGuarded({ config: { cors: CORS } });
    const answer = await ask({ port, method: 'OPTIONS', path: '/predictions/none', headers: PREFLIGHT });
    expect(answer.status).toBe(204);
    expect(answer.headers['content-length']).toBeUndefined();
    expect(answer.headers['access-control-allow-origin']).toBe(CORS.allowedOrigin);
    expect(answer.headers['access-control-allow-methods']).toBe(CORS.allowedMethods);
    expect(answer.headers['access-control-allow-headers']).toBe(CORS.allowedHeaders);
    expect(answer.headers['vary']).toBe('Origin');
  });

  it('sees the CORS headers on replies and on errors', async () => {
    const { port } = await startTestServer({ config: { cors: CORS } });
    for (const path of ['/ping', '/nowhere']) {
      expect((await ask({ port, path })).headers['access-control-allow-origin']).toBe(CORS.allowedOrigin);
    }
  });

  it('gets nothing where CORS is off', async () => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    const answer = await ask({ port, method: 'OPTIONS', path: '/predictions/noop', headers: PREFLIGHT });
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});
