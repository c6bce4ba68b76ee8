import { afterEach, describe, expect, it } from '@jest/globals';
import { fakeModel } from './fake-model.js';
import { ask, errorOf, localAddress, startTestServer, stopTestServers } from './test-server.js';

afterEach(stopTestServers);

const METADATA = {
  inputs: [
    { name: 'image', type: 'ndarray', shape: [1, -1, 3] },
    { name: 'note', type: 'str', shape: [1] },
    { name: 'scan', type: 'nifti', shape: [-1, -1, -1] },
  ],
  outputs: [{ name: 'mask', type: 'ndarray', shape: [-1] }],
};

describe('health', () => {
  it('is what TorchServe says of it, in its form', async () => {
    const { port } = await startTestServer();
    const answer = await ask({ port, path: '/ping' });
    expect(answer.body.toString()).toBe('{\n  "status": "Healthy"\n}\n');
  });

  it('is lost when a default version has too few workers', async () => {
    const { port } = await startTestServer({ models: [fakeModel({ runtime: { healthy: false } })] });
    const answer = await ask({ port, path: '/ping' });
    expect([answer.status, answer.json]).toEqual([500, { status: 'Unhealthy' }]);
  });

  it('is not readiness: a model that loads is healthy and not ready', async () => {
    const { port } = await startTestServer({ models: [fakeModel({ runtime: { ready: false } })] });
    const statusOf = async (path: string) => (await ask({ port, path })).status;
    expect(await statusOf('/ping')).toBe(200);
    expect(await statusOf('/v2/health/live')).toBe(200);
    expect(await statusOf('/v2/health/ready')).toBe(503);
    expect(await statusOf('/v2/models/noop/ready')).toBe(503);
    expect(await statusOf('/v1/models/noop')).toBe(503);
  });

  it('is not readiness before the start is over', async () => {
    const { port } = await startTestServer({ isReady: () => false });
    expect((await ask({ port, path: '/v2/health/ready' })).status).toBe(503);
  });

  it('tells what stands here', async () => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    const read = async (path: string) => (await ask({ port, path })).json;
    expect(await read('/v2/')).toMatchObject({ name: 'eisen-deploy', extenstion: ['kserve', 'kubeflow'] });
    expect(await read('/v1/models')).toEqual({ models: ['noop'] });
    expect(await read('/v1/models/noop')).toEqual({ name: 'noop', ready: true });
    expect(await read('/v2/models/noop/versions/1.0/ready')).toEqual({ name: 'noop', ready: true });
  });
});

describe('the older paths', () => {
  const parametersOf = (model: ReturnType<typeof fakeModel>) =>
    model.jobs[0]?.parameters.map(({ name, value }) => [name, Buffer.concat(value).toString()]);

  it.each(['/invocations?a=1', '/models/noop/invoke?a=1', '/noop/predict?a=1', '/noop/1.0/predict?a=1'])(
    '%s predicts and hands the query to the handler',
    async (path) => {
      const model = fakeModel();
      const { port } = await startTestServer({ models: [model] });
      expect((await ask({ port, path, body: 'x' })).status).toBe(200);
      expect(parametersOf(model)).toEqual([
        ['a', '1'],
        ['body', 'x'],
      ]);
    },
  );

  it('/predictions keeps the query to itself', async () => {
    const model = fakeModel();
    const { port } = await startTestServer({ models: [model] });
    await ask({ port, path: '/predictions/noop?a=1', body: 'x' });
    expect(parametersOf(model)).toEqual([['body', 'x']]);
  });

  it('/invocations needs a name when there are several models', async () => {
    const { port } = await startTestServer({ models: [fakeModel(), fakeModel({ name: 'other' })] });
    const answer = await ask({ port, path: '/invocations', body: 'x' });
    expect([answer.status, errorOf(answer).message]).toEqual([400, 'Parameter model_name is required.']);
    expect((await ask({ port, path: '/invocations?model_name=other', body: 'x' })).status).toBe(200);
  });

  it('/models/{m}/invoke and the management API share a port', async () => {
    const address = localAddress();
    const { port } = await startTestServer({
      models: [fakeModel()],
      config: { inferenceAddress: address, managementAddress: address, metricsAddress: address },
    });
    const statusOf = async (path: string, body?: string) => (await ask({ port, path, body })).status;
    expect(await statusOf('/models/noop/invoke', 'x')).toBe(200);
    expect(await statusOf('/models/noop/1.0')).toBe(200);
    expect(await statusOf('/models')).toBe(200);
    expect(await statusOf('/metrics')).toBe(200);
    expect(await statusOf('/predictions/noop', 'x')).toBe(200);
  });
});

describe('explanations', () => {
  it('are refused in clear words by models that have none', async () => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    const answer = await ask({ port, path: '/explanations/noop', body: 'x' });
    expect([answer.status, errorOf(answer).type]).toEqual([501, 'NotImplementedException']);
    expect(errorOf(answer).message).toContain('gives no explanations');
  });

  it('reach a handler that can', async () => {
    const model = fakeModel({ runtime: { handler: 'archive' } });
    const { port } = await startTestServer({ models: [model] });
    expect((await ask({ port, path: '/explanations/noop/1.0', body: 'x' })).status).toBe(200);
    expect(model.jobs[0]?.headers).toContainEqual(['explain', 'True']);
  });

  it('of a model that is not there are 404', async () => {
    const { port } = await startTestServer();
    expect((await ask({ port, path: '/explanations/noop', body: 'x' })).status).toBe(404);
  });
});

it('a workflow is never found', async () => {
  const { port } = await startTestServer();
  const answer = await ask({ port, path: '/wfpredict/w', body: 'x' });
  expect([answer.status, errorOf(answer).type, errorOf(answer).message]).toEqual([
    404,
    'WorkflowNotFoundException',
    'Workflow not found: w',
  ]);
});

interface Description {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { operationId: string; requestBody?: unknown }>>;
}

describe('the API description', () => {
  it.each([
    ['OPTIONS', '/'],
    ['GET', '/api-description'],
    ['POST', '/api-description'],
  ])('is had by %s %s', async (method, path) => {
    const { port, managementPort } = await startTestServer();
    const inference = (await ask({ port, method, path })).json as Description;
    const management = (await ask({ port: managementPort, method, path })).json as Description;
    expect(inference.openapi).toBe('3.0.1');
    expect(inference.paths['/predictions/{model_name}']?.['post']?.operationId).toBe('predictions');
    expect(inference.paths['/models']).toBeUndefined();
    expect(management.paths['/models']?.['post']?.operationId).toBe('registerModel');
  });

  it('names each operation once', async () => {
    const address = localAddress();
    const config = { inferenceAddress: address, managementAddress: address, metricsAddress: address };
    const { port } = await startTestServer({ config });
    const { paths } = (await ask({ port, path: '/api-description' })).json as Description;
    const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is 405 for any other method on the root', async () => {
    const { port } = await startTestServer();
    const answer = await ask({ port, path: '/' });
    expect([answer.status, errorOf(answer).type]).toEqual([405, 'MethodNotAllowedException']);
  });

  it('of a model shows its real inputs and outputs', async () => {
    const { port, managementPort } = await startTestServer({
      models: [fakeModel({ runtime: { metadata: METADATA } })],
    });
    for (const [at, path] of [
      [port, '/predictions/noop'],
      [managementPort, '/models/noop/1.0'],
    ] as const) {
      const { paths } = (await ask({ port: at, method: 'OPTIONS', path })).json as Description;
      expect(paths['/predictions/noop']?.['post']?.requestBody).toMatchObject({
        content: {
          'application/json': {
            schema: {
              required: ['image', 'note', 'scan'],
              properties: {
                image: {
                  type: 'array',
                  minItems: 1,
                  items: { type: 'array', items: { minItems: 3, items: { type: 'number' } } },
                },
                note: { type: 'string' },
                scan: { type: 'string', format: 'binary' },
              },
            },
          },
        },
      });
    }
    expect((await ask({ port, method: 'OPTIONS', path: '/predictions/none' })).status).toBe(404);
  });
});
