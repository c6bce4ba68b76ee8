import { afterEach, describe, expect, it } from '@jest/globals';
import { EisenError } from '../../../../src/core/errors/error.js';
import type { ListenersOptions } from '../../../../src/core/serving/http/listeners.js';
import { fakeModel, replyWith } from './fake-model.js';
import { ask, errorOf, localAddress, startTestServer, stopTestServers } from './test-server.js';

afterEach(stopTestServers);

const BODY = { body: 'x', headers: { 'content-type': 'application/octet-stream' } };

describe('paths and methods that only the peer knows', () => {
  it.each<[string, string, number, string]>([
    ['GET', '/workflows/w', 404, 'Workflow not found: w'],
    ['DELETE', '/workflows/w', 404, 'Workflow not found: w'],
    ['GET', '/workflows/a/b', 404, 'Workflow not found: a'],
    ['PUT', '/workflows/w', 405, 'Requested method is not allowed, please refer to API document.'],
    ['PUT', '/workflows', 405, 'Requested method is not allowed, please refer to API document.'],
    ['POST', '/workflows', 400, 'Parameter url is required.'],
    ['POST', '/workflows?url=', 404, 'Workflow not found at: '],
    ['POST', '/workflows?url=x.war', 404, 'Workflow not found in workflow store: x.war'],
    ['PUT', '/v1/models/noop', 405, 'Requested method is not allowed, please refer to API document.'],
    ['GET', '/v1/models/none', 404, 'Model not found: none'],
    ['PUT', '/models/noop?min_worker=1&max_worker=-5', 400, 'max_worker cannot be less than min_worker.'],
  ])('%s %s on the management listener answers %i', async (method, path, status, message) => {
    const { managementPort: port } = await startTestServer({ models: [fakeModel()] });
    const answer = await ask({ port, method, path });
    expect([answer.status, errorOf(answer).message]).toEqual([status, message]);
  });

  it.each(['/v1/models/noop', '/v1/models/noop:predict'])(
    'GET %s on the management listener tells whether the model is ready',
    async (path) => {
      const { managementPort: port } = await startTestServer({ models: [fakeModel()] });
      expect((await ask({ port, path })).body.toString()).toBe('{\n  "name": "noop",\n  "ready": true\n}\n');
    },
  );

  it('a workflow without a name is no resource', async () => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    expect(errorOf(await ask({ port, path: '/wfpredict', ...BODY })).type).toBe('ResourceNotFoundException');
  });

  it('what stands behind /metrics is not looked at', async () => {
    const { metricsPort: port } = await startTestServer({ config: { metricsAddress: localAddress() } });
    expect((await ask({ port, path: '/metrics/x' })).status).toBe(200);
    expect((await ask({ port, path: '/metricsx' })).status).toBe(404);
  });

  it('numbers of more than 32 bits are no numbers', async () => {
    const models = ['a', 'b'].map((name) => fakeModel({ name }));
    const { managementPort: port } = await startTestServer({ models });
    const { json } = await ask({ port, path: '/models?limit=1&next_page_token=2147483648' });
    expect(json).toMatchObject({ nextPageToken: '1', models: [{ modelName: 'a' }] });
  });
});

describe('/invocations', () => {
  it.each<[string, string, Record<string, string>]>([
    ['in the query', '/invocations?model_name=b', {}],
    ['in an urlencoded form', '/invocations', { type: 'application/x-www-form-urlencoded', body: 'model_name=b&x=1' }],
    [
      'in a form, where the query names none',
      '/invocations?model_name=',
      { type: 'application/x-www-form-urlencoded', body: 'model_name=b' },
    ],
  ])('finds the model that is named %s', async (_, path, { type = 'text/plain', body = 'x' }) => {
    const models = ['a', 'b'].map((name) => fakeModel({ name }));
    const { port } = await startTestServer({ models });
    expect((await ask({ port, path, body, headers: { 'content-type': type } })).status).toBe(200);
    expect(models.map(({ jobs }) => jobs.length)).toEqual([0, 1]);
  });

  it('takes an empty name for none', async () => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    expect((await ask({ port, path: '/invocations?model_name=', ...BODY })).status).toBe(200);
  });
});

describe('what a handler is told and what it answers', () => {
  it.each<[string, string[]]>([
    ['/predictions/noop/1.0/a/b', ['url_path', 'explain']],
    ['/v1/models/noop:predict', ['explain']],
    ['/invocations', []],
    ['/noop/predict', []],
    ['/models/noop/invoke', []],
  ])('%s adds the headers %j', async (path, added) => {
    const model = fakeModel({ runtime: { handler: 'archive' } });
    const { port } = await startTestServer({ models: [model] });
    await ask({ port, path, ...BODY });
    const names = model.jobs[0]!.headers.map(([name]) => name);
    expect(names.filter((name) => name === 'url_path' || name === 'explain')).toEqual(added);
  });

  it('a content type that stands among the headers of the handler as well is sent once', async () => {
    const submit = async () => replyWith({ contentType: 'text/a', headers: [['Content-Type', 'text/a']] });
    const { port } = await startTestServer({ models: [fakeModel({ submit })] });
    const { rawHeaders } = await ask({ port, path: '/predictions/noop', ...BODY });
    expect(rawHeaders.filter((word) => word.toLowerCase() === 'content-type')).toHaveLength(1);
  });
});

describe('a server with tokens', () => {
  const tokens: Partial<ListenersOptions['config']> = {
    metricsAddress: localAddress(),
    tokens: {
      required: { inference: true, management: true, metrics: false },
      failureStatus: 400,
      fixed: { inference: null, management: null },
    },
  };
  const gate = { check: () => false, rotate: async () => undefined };

  it('tells nobody without one which paths there are', async () => {
    const { port, managementPort, metricsPort } = await startTestServer({ config: tokens, gate });
    const statuses = [port, managementPort, metricsPort].map(
      async (at) => (await ask({ port: at, path: '/x' })).status,
    );
    expect(await Promise.all(statuses)).toEqual([400, 400, 404]);
  });
});

describe('a model whose workers have been given up', () => {
  const refusal = new EisenError('NO_WORKER', 'no worker', { found: 'the workers die', retryAfterS: 28 });

  it('refuses before the body is read, and says when the next attempt is', async () => {
    const { port } = await startTestServer({ models: [fakeModel({ runtime: { refusal } })] });
    const answer = await ask({ port, path: '/predictions/noop', ...BODY });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '28']);
    expect(answer.json).toMatchObject({
      type: 'ServiceUnavailableException',
      message: expect.stringMatching(
        /^Model "noop" has no worker to serve inference request\. Please use scale workers/,
      ),
      detail: { found: 'the workers die', retryAfterS: 28 },
    });
  });
});
