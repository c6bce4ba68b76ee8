import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EisenError } from '../../../../src/core/errors/error.js';
import type { ModelFactory, ModelRequest } from '../../../../src/core/serving/model-factory.js';
import { type FakeModelOptions, fakeModel, replyWith, SETTINGS } from './fake-model.js';
import { type Ask, ask, errorOf, startTestServer, stopTestServers, type TestServerOptions } from './test-server.js';

let store: string;

beforeEach(() => {
  store = mkdtempSync(path.join(tmpdir(), 'store-'));
  writeFileSync(path.join(store, 'brain.mar'), 'archive');
});

afterEach(async () => {
  await stopTestServers();
  rmSync(store, { recursive: true, force: true });
});

interface FactoryLog {
  readonly requests: ModelRequest[];
  readonly stops: number[];
  readonly scales: { min: number; max: number }[];
  readonly create: ModelFactory;
}

/** A factory whose models are named after their archives; `version` and failures are given. */
function createFactory(
  options: { version?: string; fail?: EisenError; runtime?: FakeModelOptions['runtime'] } = {},
): FactoryLog {
  const log: FactoryLog = {
    requests: [],
    stops: [],
    scales: [],
    async create(request) {
      log.requests.push(request);
      const name = request.name ?? path.basename(request.archivePath, '.mar');
      const { runtime } = fakeModel({
        name,
        version: options.version ?? '1.0',
        runtime: {
          scale: async (workers) => {
            log.scales.push(workers);
            if (options.fail !== undefined) throw options.fail;
          },
          stop: async ({ drainMs }) => void log.stops.push(drainMs),
          ...options.runtime,
        },
      });
      return { runtime, runtimeName: request.runtimeName ?? 'python', wantedWorkers: null };
    },
  };
  return log;
}

async function startManaged(
  log: FactoryLog,
  options: TestServerOptions = {},
  allowedUrls: RegExp[] = [],
  allowPrivateUrls = false,
) {
  const server = await startTestServer({
    createModel: log.create,
    rules: { modelStore: store, allowedUrls, allowPrivateUrls },
    ...options,
    config: { enableModelApi: true, ...options.config },
  });
  const call = (parts: Omit<Ask, 'port'>) => ask({ port: server.managementPort, ...parts });
  return { ...server, call };
}

function statusOf(answer: { json: unknown }): string {
  return (answer.json as { status: string }).status;
}

describe('registering a model', () => {
  it('from the store starts its workers and says so', async () => {
    const log = createFactory();
    const { call, registry } = await startManaged(log);
    const answer = await call({
      method: 'POST',
      path: '/models?url=brain.mar&initial_workers=2&batch_size=4&max_batch_delay=50&response_timeout=9',
    });
    expect([answer.status, statusOf(answer)]).toEqual([
      200,
      'Model "brain" Version: 1.0 registered with 2 initial workers',
    ]);
    expect(log.scales).toEqual([{ min: 2, max: 2 }]);
    expect(log.requests[0]).toMatchObject({
      archivePath: path.join(store, 'brain.mar'),
      settings: { batchSize: 4, maxBatchDelayMs: 50, responseTimeoutMs: 9000 },
    });
    expect(registry.find('brain').url).toBe('brain.mar');
  });

  it('without workers asks for them', async () => {
    const log = createFactory();
    const { call } = await startManaged(log);
    const answer = await call({ method: 'POST', path: '/models?url=brain.mar' });
    expect(statusOf(answer)).toBe(
      'Model "brain" Version: 1.0 registered with 0 initial workers. Use scale workers API to add workers for the model.',
    );
    expect(log.scales).toEqual([]);
  });

  it('without waiting answers 202', async () => {
    const { call } = await startManaged(createFactory());
    const answer = await call({ method: 'POST', path: '/models?url=brain.mar&initial_workers=1&synchronous=false' });
    expect([answer.status, statusOf(answer)]).toEqual([202, 'Processing worker updates...']);
  });

  it('takes its parameters from a JSON body, and then not from the query', async () => {
    const log = createFactory();
    const { call } = await startManaged(log);
    const body = JSON.stringify({ url: 'brain.mar', model_name: 'mine', initial_workers: 1, batch_size: '3' });
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const answer = await call({ method: 'POST', path: '/models?url=other.mar', body, headers });
    expect(statusOf(answer)).toBe('Model "mine" Version: 1.0 registered with 1 initial workers');
    expect(log.requests[0]).toMatchObject({ name: 'mine', settings: { batchSize: 3 } });
  });

  it.each(['{"url":', '[]', 'null', '{"url":{}}'])('refuses the JSON body %s', async (body) => {
    const { call } = await startManaged(createFactory());
    const answer = await call({
      method: 'POST',
      path: '/models',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.status, errorOf(answer).type]).toEqual([400, 'BadRequestException']);
  });

  it('is off unless the operator turns it on', async () => {
    const { call } = await startManaged(createFactory(), { config: { enableModelApi: false } });
    const post = await call({ method: 'POST', path: '/models?url=brain.mar' });
    const remove = await call({ method: 'DELETE', path: '/models/brain' });
    expect([post.status, remove.status]).toEqual([405, 405]);
    expect(errorOf(post).message).toBe('Requested method is not allowed, please refer to API document.');
  });

  it('twice in the same version is a conflict, and the first stays', async () => {
    const log = createFactory();
    const { call, registry } = await startManaged(log);
    await call({ method: 'POST', path: '/models?url=brain.mar' });
    const answer = await call({ method: 'POST', path: '/models?url=brain.mar' });
    expect([answer.status, errorOf(answer).type, errorOf(answer).message]).toEqual([
      409,
      'ConflictStatusException',
      'Model version 1.0 is already registered for model brain',
    ]);
    expect(registry.all()).toHaveLength(1);
  });

  it('twice at the same time registers once', async () => {
    const { call, registry } = await startManaged(createFactory());
    const path = '/models?url=brain.mar&initial_workers=1';
    const answers = await Promise.all([1, 2, 3].map(() => call({ method: 'POST', path })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(registry.all()).toHaveLength(1);
  });

  it('is taken back when its workers do not start', async () => {
    const log = createFactory({ fail: new EisenError('WORKER_START_FAILED', 'the graph has no input') });
    const { call, registry } = await startManaged(log);
    const answer = await call({ method: 'POST', path: '/models?url=brain.mar&initial_workers=1' });
    expect([answer.status, errorOf(answer).type, errorOf(answer).message]).toEqual([
      500,
      'InternalServerException',
      'Failed to start workers for model brain version: 1.0',
    ]);
    expect(answer.body.toString()).toContain('the graph has no input');
    expect(registry.all()).toHaveLength(0);
    expect(log.stops).toEqual([0]);
  });

  it.each([
    ['/models', 400, 'BadRequestException', 'Parameter url is required.'],
    ['/models?url=brain.mar&runtime=perl', 400, 'BadRequestException', 'Invalid RuntimeType value: perl'],
    ['/models?url=', 404, 'ModelNotFoundException', 'empty url'],
    ['/models?url=..%2Fbrain.mar', 404, 'ModelNotFoundException', 'Relative path is not allowed in url: ../brain.mar'],
    ['/models?url=none.mar', 404, 'ModelNotFoundException', 'Model not found at: none.mar'],
    ['/models?url=/etc/passwd', 404, 'ModelNotFoundException', 'Model not found at: /etc/passwd'],
    [
      '/models?url=file:///etc/passwd',
      404,
      'ModelNotFoundException',
      'Given URL file:///etc/passwd does not match any allowed URL(s)',
    ],
    [
      '/models?url=http://127.0.0.1/x.mar',
      404,
      'ModelNotFoundException',
      'Given URL http://127.0.0.1/x.mar does not match any allowed URL(s)',
    ],
  ])('with %s answers %i %s', async (target, status, type, message) => {
    const log = createFactory();
    const { call } = await startManaged(log);
    const answer = await call({ method: 'POST', path: target });
    expect([answer.status, errorOf(answer).type, errorOf(answer).message]).toEqual([status, type, message]);
    expect(log.requests).toEqual([]);
  });

  it('from an archive that is not there names the store, what it holds and the nearest name', async () => {
    const { call } = await startManaged(createFactory());
    const answer = await call({ method: 'POST', path: '/models?url=brian.mar' });
    expect(errorOf(answer)).toMatchObject({
      message: 'Model not found at: brian.mar',
      detail: { hint: `Looked in ${store}, it holds brain.mar. Did you mean 'brain.mar'?` },
    });
  });

  it.each(['a/b', 'a b', 'x'.repeat(200)])('refuses the name %j, which no path could carry', async (name) => {
    const { call } = await startManaged(createFactory());
    const answer = await call({ method: 'POST', path: `/models?url=brain.mar&model_name=${encodeURIComponent(name)}` });
    expect(answer.status).toBe(400);
  });
});

describe('registering from a URL', () => {
  const servers: http.Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function startOrigin(handle: http.RequestListener): Promise<{ url: string; hits: () => number }> {
    let hits = 0;
    const server = http.createServer((request, response) => {
      hits += 1;
      handle(request, response);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, hits: () => hits };
  }

  it('copies the archive into the store and takes it away with the model', async () => {
    const { url } = await startOrigin((_, response) => response.end('archive'));
    const { call } = await startManaged(createFactory(), {}, [/^http:\/\/.*$/i], true);
    const answer = await call({ method: 'POST', path: `/models?url=${url}/far.mar` });
    expect(answer.status).toBe(200);
    expect(existsSync(path.join(store, 'far.mar'))).toBe(true);
    await call({ method: 'DELETE', path: '/models/far' });
    expect(readdirSync(store)).toEqual(['brain.mar']);
  });

  it('never connects to a private address unless the operator allows it', async () => {
    const { url, hits } = await startOrigin((_, response) => response.end('archive'));
    const { call } = await startManaged(createFactory(), {}, [/^http:\/\/.*$/i], false);
    const port = new URL(url).port;
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f000001', '2130706433', '127.1']) {
      const answer = await call({ method: 'POST', path: `/models?url=http://${host}:${port}/far.mar` });
      expect([host, answer.status, errorOf(answer).type]).toEqual([host, 400, 'DownloadArchiveException']);
    }
    expect(hits()).toBe(0);
    expect(readdirSync(store)).toEqual(['brain.mar']);
  });

  it.each<[string, http.RequestListener]>([
    ['a redirect', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/x.mar' }).end()],
    ['an error', (_, response) => response.writeHead(404).end()],
    [
      'a broken transfer',
      (_, response) => response.writeHead(200, { 'content-length': 100 }).end('short', () => response.destroy()),
    ],
  ])('leaves nothing behind after %s', async (_, handle) => {
    const { url } = await startOrigin(handle);
    const { call } = await startManaged(createFactory(), {}, [/^http:\/\/.*$/i], true);
    const answer = await call({ method: 'POST', path: `/models?url=${url}/far.mar` });
    expect([answer.status, errorOf(answer).message]).toEqual([400, `Failed to download archive from: ${url}/far.mar`]);
    expect(readdirSync(store)).toEqual(['brain.mar']);
  });

  it('never overwrites a file of the store', async () => {
    const { url, hits } = await startOrigin((_, response) => response.end('other'));
    const { call } = await startManaged(createFactory(), {}, [/^http:\/\/.*$/i], true);
    const answer = await call({ method: 'POST', path: `/models?url=${url}/brain.mar` });
    expect([answer.status, errorOf(answer).message]).toEqual([500, 'Model file already exists brain.mar']);
    expect(hits()).toBe(0);
  });

  it('reads a file URL only where a pattern allows it', async () => {
    const log = createFactory();
    const { call } = await startManaged(log, {}, [new RegExp(`^file://${store}/.*$`, 'i')]);
    const good = await call({ method: 'POST', path: `/models?url=file://${store}/brain.mar` });
    const bad = await call({ method: 'POST', path: '/models?url=file:///etc/hostname' });
    expect([good.status, bad.status]).toEqual([200, 404]);
  });
});

describe('the list of models', () => {
  const models = ['c', 'a', 'b'].map((name) => fakeModel({ name }));
  const page = async (target: string) => {
    const { call } = await startManaged(createFactory(), { models });
    return (await call({ path: target })).json;
  };

  it.each([
    ['/models', { models: ['a', 'b', 'c'] }],
    ['/models?limit=2', { nextPageToken: '2', models: ['a', 'b'] }],
    ['/models?limit=2&next_page_token=2', { models: ['c'] }],
    ['/models?limit=3', { nextPageToken: '3', models: ['a', 'b', 'c'] }],
    ['/models?limit=3&next_page_token=3', { models: [] }],
    ['/models?limit=-1', { models: ['a', 'b', 'c'] }],
    ['/models?limit=x&next_page_token=y', { models: ['a', 'b', 'c'] }],
  ])('%s pages as the peer pages', async (target, expected) => {
    const found = (await page(target)) as { nextPageToken?: string; models: { modelName: string }[] };
    expect({ ...found, models: found.models.map(({ modelName }) => modelName) }).toEqual(expected);
  });
});

describe('describing a model', () => {
  const KEYS =
    'modelName modelVersion modelUrl runtime minWorkers maxWorkers batchSize maxBatchDelay responseTimeout startupTimeout maxRetryTimeoutInSec clientTimeoutInMills parallelType parallelLevel deviceType continuousBatching useJobTicket useVenv stateful sequenceMaxIdleMSec sequenceTimeoutMSec maxNumSequence maxSequenceJobQueueSize loadedAtStartup workers jobQueueStatus'.split(
      ' ',
    );

  it('gives the fields of the peer in its order', async () => {
    const { call } = await startManaged(createFactory(), { models: [fakeModel()] });
    const [found] = (await call({ path: '/models/noop' })).json as [Record<string, unknown>];
    expect(Object.keys(found).filter((key) => KEYS.includes(key))).toEqual(KEYS);
    expect(found['workers']).toEqual([
      {
        id: '9000',
        startTime: '2026-11-22T18:30:00.000Z',
        status: 'READY',
        memoryUsage: 1000,
        pid: 4711,
        gpu: false,
        gpuUsage: 'N/A',
      },
    ]);
  });

  it('knows one version, all of them, and the default', async () => {
    const models = ['1.0', '2.0'].map((version) => fakeModel({ version }));
    const { call } = await startManaged(createFactory(), { models });
    const versions = async (target: string) =>
      ((await call({ path: target })).json as { modelVersion: string }[]).map(({ modelVersion }) => modelVersion);
    expect(await versions('/models/noop')).toEqual(['1.0']);
    expect(await versions('/models/noop/2.0')).toEqual(['2.0']);
    expect(await versions('/models/noop/all')).toEqual(['1.0', '2.0']);
    expect(await versions('/models/noop/2.0/set-default')).toEqual(['1.0']);
    expect((await call({ path: '/models/noop/3.0' })).status).toBe(404);
  });

  it('adds what the model tells of itself: packaged metadata, or its handler’s answer', async () => {
    const metadata = { inputs: [], outputs: [], custom: { a: 1 } };
    const submit = async () => replyWith({ body: [Buffer.from('{"hand": "made"}')] });
    const models = [fakeModel({ name: 'packed', runtime: { metadata } }), fakeModel({ name: 'python', submit })];
    const { call } = await startManaged(createFactory(), { models });
    const ask = async (name: string) =>
      ((await call({ path: `/models/${name}?customized=true` })).json as [{ customizedMetadata: unknown }])[0]
        .customizedMetadata;
    expect(await ask('packed')).toEqual(metadata);
    expect(await ask('python')).toEqual({ hand: 'made' });
    expect(models[1]?.jobs[0]).toMatchObject({ kind: 'describe', headers: [['describe', 'True']], parameters: [] });
  });

  it('cannot ask a handler that has no worker', async () => {
    const { call } = await startManaged(createFactory(), { models: [fakeModel({ runtime: { workers: [] } })] });
    const answer = await call({ path: '/models/noop?customized=true' });
    expect([answer.status, errorOf(answer).message]).toEqual([
      503,
      'Model "noop" has no worker to serve describe request. Please use scale workers API to add workers.',
    ]);
  });
});

describe('scaling a model', () => {
  async function scale(target: string, fail?: EisenError) {
    const scales: { min: number; max: number }[] = [];
    const runtime = {
      scale: async (workers: { min: number; max: number }) => {
        scales.push(workers);
        if (fail !== undefined) throw fail;
      },
    };
    const { call } = await startManaged(createFactory(), { models: [fakeModel({ runtime })] });
    return { answer: await call({ method: 'PUT', path: target }), scales };
  }

  it.each([
    ['/models/noop?synchronous=true', 'Workers scaled to 1 for model: noop', { min: 1, max: 1 }],
    ['/models/noop?min_worker=3&synchronous=true', 'Workers scaled to 3 for model: noop', { min: 3, max: 3 }],
    [
      '/models/noop?min_worker=0&max_worker=4&synchronous=TRUE',
      'Workers scaled to 0 for model: noop',
      { min: 0, max: 4 },
    ],
    ['/models/noop/1.0?synchronous=true', 'Workers scaled to 1 for model: noop, version: 1.0', { min: 1, max: 1 }],
    ['/models/noop?min_worker=2', 'Processing worker updates...', { min: 2, max: 2 }],
  ])('by %s', async (target, sentence, workers) => {
    const { answer, scales } = await scale(target);
    expect([answer.status, statusOf(answer)]).toEqual([sentence.startsWith('Proc') ? 202 : 200, sentence]);
    expect(scales).toEqual([workers]);
  });

  it.each([
    ['/models/none?min_worker=2&max_worker=1', 400, 'max_worker cannot be less than min_worker.'],
    ['/models/none', 404, 'Model not found: none'],
    ['/models/noop/7', 404, 'Model version: 7 does not exist for model: noop'],
    ['/models/noop?min_worker=-1', 400, 'min_worker: found -1; expected at least 0.'],
  ])('refuses %s with %i', async (target, status, message) => {
    const { answer, scales } = await scale(target);
    expect([answer.status, errorOf(answer).message]).toEqual([status, message]);
    expect(scales).toEqual([]);
  });

  it.each([
    ['WORKER_START_FAILED', 500],
    ['WORKER_OUT_OF_MEMORY', 507],
  ] as const)('reports %s as %i and keeps the model', async (code, status) => {
    const { answer } = await scale('/models/noop?synchronous=true', new EisenError(code, 'no'));
    expect([answer.status, errorOf(answer).message]).toEqual([
      status,
      'Failed to start workers for model noop version: 1.0',
    ]);
  });
});

describe('unregistering a model', () => {
  it('drains it, says so, and knows it no more', async () => {
    const stops: number[] = [];
    const runtime = { stop: async ({ drainMs }: { drainMs: number }) => void stops.push(drainMs) };
    const { call } = await startManaged(createFactory(), { models: [fakeModel({ runtime })] });
    const answer = await call({ method: 'DELETE', path: '/models/noop' });
    expect([answer.status, statusOf(answer)]).toEqual([200, 'Model "noop" unregistered']);
    expect(stops).toEqual([1000]);
    expect((await call({ method: 'DELETE', path: '/models/noop' })).status).toBe(404);
  });

  it('keeps a default version that others stand behind', async () => {
    const models = ['1.0', '2.0'].map((version) => fakeModel({ version }));
    const { call } = await startManaged(createFactory(), { models });
    for (const target of ['/models/noop', '/models/noop/1.0']) {
      const answer = await call({ method: 'DELETE', path: target });
      expect([answer.status, errorOf(answer).type, errorOf(answer).message]).toEqual([
        403,
        'InvalidModelVersionException',
        'Cannot remove default version for model noop',
      ]);
    }
    expect((await call({ method: 'DELETE', path: '/models/noop/2.0' })).status).toBe(200);
    expect((await call({ method: 'DELETE', path: '/models/noop' })).status).toBe(200);
  });
});

describe('the default version', () => {
  it('is the first, until another is set', async () => {
    const models = ['1.0', '2.0'].map((version) => fakeModel({ version }));
    const { call, registry } = await startManaged(createFactory(), { models });
    expect(registry.defaultVersionOf('noop')).toBe('1.0');
    const answer = await call({ method: 'PUT', path: '/models/noop/2.0/set-default' });
    expect(statusOf(answer)).toBe('Default version successfully updated for model "noop" to "2.0"');
    expect(registry.find('noop').runtime.version).toBe('2.0');
    const bad = await call({ method: 'PUT', path: '/models/noop/3.0/set-default' });
    expect([bad.status, errorOf(bad).message]).toEqual([404, 'Model version 3.0 does not exist for model noop']);
  });
});

describe('a path that another listener has', () => {
  it.each<['inference' | 'management', string, string]>([
    ['inference', 'POST', '/models?url=brain.mar'],
    ['inference', 'GET', '/models'],
    ['inference', 'DELETE', '/models/noop/1.0'],
    ['management', 'GET', '/ping'],
    ['management', 'POST', '/predictions/noop'],
  ])('is unknown on the %s port, and %s %s is told where it belongs', async (here, method, target) => {
    const server = await startManaged(createFactory());
    const there = here === 'inference' ? 'management' : 'inference';
    const [port, other] =
      here === 'inference' ? [server.port, server.managementPort] : [server.managementPort, server.port];
    const answer = await ask({ port, method, path: target });
    expect([answer.status, errorOf(answer)]).toMatchObject([
      404,
      {
        type: 'ResourceNotFoundException',
        message: 'Requested resource is not found, please refer to API document.',
        detail: { hint: `This path belongs to the ${there} API, which listens on http://127.0.0.1:${other}.` },
      },
    ]);
  });

  it('is told to be switched off where that API is', async () => {
    const { port } = await startTestServer({ config: { managementAddress: null } });
    const answer = await ask({ port, path: '/models' });
    expect(errorOf(answer)).toMatchObject({
      detail: { hint: 'This path belongs to the management API, which is switched off in this server.' },
    });
  });

  it('leaves a path that no listener has without a hint', async () => {
    const { port } = await startTestServer();
    expect(errorOf(await ask({ port, path: '/nowhere' }))).not.toHaveProperty('detail.hint');
  });
});

describe('other methods and paths of the management API', () => {
  it.each([
    ['PUT', '/models', 405, 'MethodNotAllowedException'],
    ['DELETE', '/models', 405, 'MethodNotAllowedException'],
    ['POST', '/models/noop', 405, 'MethodNotAllowedException'],
    ['HEAD', '/models/noop', 405, undefined],
    ['GET', '/models/a/b/c/d', 404, 'ResourceNotFoundException'],
    ['GET', '/predictions/noop', 404, 'ResourceNotFoundException'],
    ['GET', '/workflows/w', 404, 'WorkflowNotFoundException'],
    ['POST', '/workflows', 400, 'BadRequestException'],
    ['POST', '/workflows?url=x.war', 404, 'WorkflowNotFoundException'],
  ])('%s %s is %i %s', async (method, target, status, type) => {
    const { call } = await startManaged(createFactory(), { models: [fakeModel({ runtime: { settings: SETTINGS } })] });
    const answer = await call({ method, path: target });
    expect([answer.status, errorOf(answer).type]).toEqual([status, type]);
  });
});
