import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { resolveEndpoint } from '../../../src/core/client/find-model.js';

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Servers on neighbouring ports, as inference and management are. */
async function startPair(inference: string | number, management: string | number | null): Promise<string> {
  const make = (answer: string | number): http.Server =>
    http.createServer((_request, response) => {
      response.writeHead(typeof answer === 'number' ? answer : 200, { connection: 'close' });
      response.end(typeof answer === 'number' ? '{}' : answer);
    });
  const listen = (server: http.Server, port: number): Promise<boolean> =>
    new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
  for (;;) {
    const first = make(inference);
    await listen(first, 0);
    const { port } = first.address() as AddressInfo;
    servers.push(first);
    if (management === null) return `http://127.0.0.1:${port}`;
    const second = make(management);
    if (await listen(second, port + 1)) {
      servers.push(second);
      return `http://127.0.0.1:${port}`;
    }
  }
}

const list = (...names: string[]) =>
  JSON.stringify({ models: names.map((modelName) => ({ modelName, modelUrl: 'x' })) });
const resolve = (url: string) => resolveEndpoint({ url, env: {} });

describe('the endpoint of', () => {
  it('an address with a path is itself, and nobody is asked', async () => {
    expect(await resolve('http://h:1/predictions/a/1.0')).toBe('http://h:1/predictions/a/1.0');
  });

  it('a server that lists its only model on the same port', async () => {
    const url = await startPair(list('brain'), null);
    expect(await resolve(url)).toBe(`${url}/predictions/brain`);
  });

  it('a server that lists its only model on the next port', async () => {
    const url = await startPair(404, list('brain'));
    expect(await resolve(`${url}/`)).toBe(`${url}/predictions/brain`);
  });
});

it('the list of models is asked for with the management token, not with that of predictions', async () => {
  const seen: (string | undefined)[] = [];
  const server = http.createServer((request, response) => {
    if (request.url?.startsWith('/models') === true) seen.push(request.headers.authorization);
    response.end(list('brain'));
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await resolveEndpoint({ url, env: {}, token: 'i', managementToken: 'm' });
  await resolveEndpoint({ url, env: {}, token: 'i' });
  expect(seen).toEqual(['Bearer m', 'Bearer i']);
});

describe('a listener that takes no management token', () => {
  const resolveWithKeys = (url: string) => resolveEndpoint({ url, env: {}, token: 'i', managementToken: 'm' });

  it('does not keep the list on the next port from being found', async () => {
    const url = await startPair(401, list('brain'));
    expect(await resolveWithKeys(url)).toBe(`${url}/predictions/brain`);
  });

  it('is told when the next port has no list either', async () => {
    const url = await startPair(401, 404);
    await expect(resolveWithKeys(url)).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
  });
});

describe('a server is not guessed at', () => {
  it.each([
    ['several models', list('a', 'b'), null, 'USAGE', 'the server has 2 models: a, b.'],
    ['no model', list(), null, 'MODEL_NOT_FOUND', 'the server has no model.'],
    ['a list that is none', '{"models":1}', 404, 'SERVER_REFUSED', 'the server does not tell its models'],
    ['a refusal', 404, 403, 'SERVER_REFUSED', 'the server does not tell its models'],
    ['a token of another kind', 404, 401, 'TOKEN_REFUSED', 'the server does not tell its models'],
    ['a failure', 500, null, 'SERVER_FAILED', 'HTTP status 500'],
  ])('with %s', async (_what, inference, management, code, message) => {
    const url = await startPair(inference, management);
    await expect(resolve(url)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('without saying where the list is asked for and how to go without it', async () => {
    const url = await startPair(404, 404);
    const next = Number(new URL(url).port) + 1;
    await expect(resolve(url)).rejects.toMatchObject({
      details: {
        hint: expect.stringMatching(new RegExp(`--url ${url}/predictions/NAME\\. .*\\(${next}\\), where management`)),
      },
    });
  });

  it('as if a refused token were a refusing server', async () => {
    const url = await startPair(404, 401);
    await expect(resolve(url)).rejects.toMatchObject({
      code: 'TOKEN_REFUSED',
      details: { hint: expect.stringContaining('management token') },
    });
  });

  it.each([404, 405])(
    'whose predictions are taken on another port (%d here): its address is none for them',
    async (status) => {
      const server = http.createServer((request, response) => {
        response.writeHead(request.url === '/ping' ? status : 200, { connection: 'close' });
        response.end(list('my brain', 'other'));
      });
      servers.push(server);
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const { port } = server.address() as AddressInfo;
      await expect(resolve(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
        code: 'USAGE',
        message: `127.0.0.1:${port}: that is the management address; no predictions are taken there.`,
        details: { hint: expect.stringContaining(`--url http://127.0.0.1:${port - 1}/predictions/my%20brain`) },
      });
    },
  );

  it('that is not there', async () => {
    const url = await startPair(404, null);
    servers.pop()!.close();
    await expect(resolve(url)).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
  });
});
