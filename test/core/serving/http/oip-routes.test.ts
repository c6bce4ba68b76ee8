import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseModelPath } from '../../../../src/core/serving/http/oip/describe-routes.js';
import { addErrorField } from '../../../../src/core/serving/http/oip/error-field.js';
import type { ModelFactory } from '../../../../src/core/serving/model-factory.js';
import { fakeModel, replyWith } from './fake-model.js';
import { ask, startTestServer, stopTestServers } from './test-server.js';

let store: string;

beforeEach(() => {
  store = mkdtempSync(path.join(tmpdir(), 'repository-'));
});

afterEach(async () => {
  await stopTestServers();
  rmSync(store, { recursive: true, force: true });
});

const METADATA = {
  inputs: [
    { name: 'image', type: 'ndarray', shape: [-1, 3], dtype: 'int64' },
    { name: 'plain', type: 'ndarray', shape: [2] },
    { name: 'scan', type: 'nifti', shape: [-1, -1, -1] },
    { name: 'words', type: 'list', shape: [2] },
  ],
  outputs: [{ name: 'mask', type: 'ndarray', shape: [-1], dtype: 'bool' }],
};

describe('model metadata', () => {
  it('names tensors, datatypes and free axes', async () => {
    const models = ['1.0', '2.0'].map((version) => fakeModel({ version, runtime: { metadata: METADATA } }));
    const { port } = await startTestServer({ models });
    const expected = {
      name: 'noop',
      versions: ['1.0', '2.0'],
      platform: 'onnx_onnxv1',
      inputs: [
        { name: 'image', datatype: 'INT64', shape: [-1, 3] },
        { name: 'plain', datatype: 'FP32', shape: [2] },
        { name: 'scan', datatype: 'BYTES', shape: [1] },
        { name: 'words', datatype: 'BYTES', shape: [-1] },
      ],
      outputs: [{ name: 'mask', datatype: 'BOOL', shape: [-1] }],
    };
    expect((await ask({ port, path: '/v2/models/noop' })).json).toEqual(expected);
    expect((await ask({ port, path: '/v2/models/noop/versions/2.0' })).json).toEqual(expected);
  });

  it('of a handler that an archive brings has no tensors to name', async () => {
    const { port } = await startTestServer({ models: [fakeModel({ runtime: { handler: 'archive' } })] });
    expect((await ask({ port, path: '/v2/models/noop' })).json).toMatchObject({
      platform: 'python',
      inputs: [],
      outputs: [],
    });
  });

  it('comes as a configuration too', async () => {
    const { port } = await startTestServer({ models: [fakeModel({ runtime: { metadata: METADATA } })] });
    expect((await ask({ port, path: '/v2/models/noop/config' })).json).toMatchObject({
      name: 'noop',
      max_batch_size: 0,
      input: [{ name: 'image', data_type: 'TYPE_INT64', dims: [-1, 3] }, {}, { data_type: 'TYPE_STRING' }, {}],
    });
  });
});

describe('statistics', () => {
  it('count successes and failures, and every duration that tools read is there', async () => {
    let fails = false;
    const submit = async () =>
      replyWith({
        status: fails ? 400 : 200,
        timing: { queueMs: 1, workerMs: 4, preProcessMs: 1, inferenceMs: 2, postProcessMs: 1 },
      });
    const { port } = await startTestServer({ models: [fakeModel({ submit })] });
    await ask({ port, path: '/predictions/noop', body: 'x' });
    fails = true;
    await ask({ port, path: '/predictions/noop', body: 'x' });
    for (const target of ['/v2/models/noop/stats', '/v2/models/noop/versions/1.0/stats', '/v2/models/stats']) {
      const { model_stats: rows } = (await ask({ port, path: target })).json as { model_stats: unknown[] };
      expect(rows).toMatchObject([
        {
          name: 'noop',
          version: '1.0',
          inference_count: 1,
          inference_stats: {
            success: { count: 1 },
            fail: { count: 1 },
            queue: { count: 1, ns: 1_000_000 },
            compute_input: { count: 1, ns: 1_000_000 },
            compute_infer: { count: 1, ns: 2_000_000 },
            compute_output: { count: 1, ns: 1_000_000 },
            cache_hit: { count: 0, ns: 0 },
            cache_miss: { count: 0, ns: 0 },
          },
        },
      ]);
    }
  });
});

describe('infer', () => {
  it.each([
    ['/v2/models/noop/infer', 'application/vnd.eisen.oip'],
    ['/v2/models/noop/versions/1.0/infer', 'application/vnd.eisen.oip'],
    ['/v1/models/noop:predict', 'application/vnd.eisen.kserve-v1+json'],
  ])('%s tells our worker what the body is', async (target, type) => {
    const model = fakeModel();
    const { port } = await startTestServer({ models: [model] });
    const headers = { 'content-type': 'application/json', 'inference-header-content-length': '2' };
    await ask({ port, path: target, body: '{}', headers });
    expect(model.jobs[0]?.parameters).toMatchObject([{ name: 'body', contentType: type }]);
    expect(model.jobs[0]?.headers).toContainEqual(['inference-header-content-length', '2']);
  });

  it('hands the body of a handler that an archive brings on as it came', async () => {
    const model = fakeModel({ runtime: { handler: 'archive' } });
    const { port } = await startTestServer({ models: [model] });
    await ask({ port, path: '/v2/models/noop/infer', body: '{}', headers: { 'content-type': 'application/json' } });
    expect(model.jobs[0]?.parameters[0]?.contentType).toBe('application/json');
  });

  it.each([
    ['/v2/models/none/infer', 404],
    ['/v2/models/noop/versions/9/infer', 404],
    ['/v2/models/noop/explain', 501],
    ['/v1/models/noop:explain', 501],
    ['/v1/models/none:predict', 404],
    ['/v2/nonsense', 404],
  ])('%s is %i, and under v2 tells why under `error`', async (target, status) => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    const answer = await ask({ port, path: target, body: '{}' });
    expect(answer.status).toBe(status);
    const body = answer.json as { error?: string; message: string };
    expect(body.error).toBe(target.startsWith('/v2') ? body.message : undefined);
  });

  it('puts the reason of a failed row under `error` as well', async () => {
    const submit = async () =>
      replyWith({ status: 400, reason: 'Bad Request', body: [Buffer.from('{"message":"why"}')] });
    const { port } = await startTestServer({ models: [fakeModel({ submit })] });
    const answer = await ask({ port, path: '/v2/models/noop/infer', body: '{}' });
    expect([answer.status, answer.json]).toEqual([400, { error: 'why', message: 'why' }]);
  });
});

describe('the error field', () => {
  it.each([
    ['{"message":"m"}', { error: 'm', message: 'm' }],
    ['{"error":"own"}', { error: 'own' }],
    ['plain', { error: 'plain', message: 'plain' }],
    ['', { error: 'status 500', message: 'status 500' }],
  ])('of %j', (body, expected) => {
    const reply = addErrorField({ status: 500, headers: [], body: [Buffer.from(body)] });
    expect(JSON.parse(Buffer.concat(reply.body).toString())).toEqual(expected);
  });
});

describe('the paths of models', () => {
  it.each([
    ['/v2/models/m', { name: 'm', action: '' }],
    ['/v2/models/m/infer', { name: 'm', action: 'infer' }],
    ['/v2/models/m/versions/1', { name: 'm', version: '1', action: '' }],
    ['/v2/models/m/versions/1/infer', { name: 'm', version: '1', action: 'infer' }],
    ['/v2/models/m/versions', null],
    ['/v2/models/m/a/b', null],
    ['/v2/models', null],
    ['/v1/models/m', null],
  ])('%s', (target, expected) => expect(parseModelPath(target.split('/').slice(1))).toEqual(expected));
});

describe('the repository', () => {
  async function start(enableModelApi = true) {
    writeFileSync(path.join(store, 'brain.mar'), '');
    writeFileSync(path.join(store, 'noop.mar'), '');
    writeFileSync(path.join(store, 'notes.txt'), '');
    const createModel: ModelFactory = async ({ archivePath }) => {
      const { runtime } = fakeModel({ name: path.basename(archivePath, '.mar') });
      return { runtime, runtimeName: 'python', wantedWorkers: null };
    };
    const server = await startTestServer({
      createModel,
      models: [fakeModel(), fakeModel({ version: '2.0' })],
      config: { enableModelApi },
      rules: { modelStore: store, allowedUrls: [], allowPrivateUrls: false },
    });
    const post = (target: string, body = '') =>
      ask({ port: server.managementPort, method: 'POST', path: target, body });
    return { ...server, post };
  }

  it('lists what is loaded and what could be', async () => {
    const { post } = await start();
    const rows = [
      { name: 'noop', version: '1.0', state: 'READY', reason: '' },
      { name: 'noop', version: '2.0', state: 'READY', reason: '' },
    ];
    expect((await post('/v2/repository/index')).json).toEqual([
      ...rows,
      { name: 'brain', state: 'UNAVAILABLE', reason: 'not loaded' },
    ]);
    expect((await post('/v2/repository/index', '{"ready":true}')).json).toEqual(rows);
    expect((await post('/v2/repository/index', '[')).status).toBe(400);
  });

  it('loads an archive by its name and unloads every version', async () => {
    const { post, registry } = await start();
    expect((await post('/v2/repository/models/brain/load')).json).toEqual({ name: 'brain', load: true });
    expect(registry.find('brain').url).toBe('brain.mar');
    expect((await post('/v2/repository/models/noop/unload', '{"parameters":{"unload_dependents":false}}')).status).toBe(
      200,
    );
    expect(registry.all().map(({ runtime }) => runtime.name)).toEqual(['brain']);
  });

  it.each([
    ['/v2/repository/models/none/load', '', 404],
    ['/v2/repository/models/..%2Fnoop/load', '', 404],
    ['/v2/repository/models/brain/load', '{"parameters":{"config":"{}"}}', 400],
    ['/v2/repository/models/none/unload', '', 404],
  ])('%s with %j is %i', async (target, body, status) => {
    const { post } = await start();
    const answer = await post(target, body);
    expect(answer.status).toBe(status);
    expect(answer.json).toHaveProperty('error');
  });

  it('is closed with the rest of the model API', async () => {
    const { post, port } = await start(false);
    expect((await post('/v2/repository/models/brain/load')).status).toBe(405);
    expect((await ask({ port, method: 'POST', path: '/v2/repository/index' })).status).toBe(404);
  });
});
