import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ModelFactory } from '../../../../src/core/serving/model-factory.js';
import { arbitraryCalls, type Description, judgeAnswer, renderCall } from '../../../support/api-fuzz.js';
import { fakeModel } from './fake-model.js';
import { ask, localAddress, startTestServer, stopTestServers } from './test-server.js';

afterEach(stopTestServers);

/** Found by seed -270743600 (165:0:0:0:0): a name of no letters is no name, and `/models/` gives the list as in TorchServe. */
const emptyName = (all: Description) => ({
  call: { path: '/models/', method: 'GET', query: [], body: null, contentType: null },
  operation: all.paths['/models/{model_name}']!['get']!,
  method: 'get',
});

it('a server and a model that are not ready answer as the description says, which is no error', async () => {
  const { port } = await startTestServer({ models: [fakeModel({ runtime: { ready: false, healthy: false } })] });
  const all = (await ask({ port, path: '/api-description' })).json as Description;
  const misfits = async (target: string) => {
    const call = { path: target.replace('{model_name}', 'noop'), method: 'GET' };
    const answer = await ask({ port, path: call.path });
    expect(answer.status).toBe(target === '/ping' ? 500 : 503);
    return judgeAnswer({ ...answer, status: 503 }, call, all.paths[target]!['get']!, 'get', all);
  };
  const paths = ['/ping', '/v2/health/ready', '/v2/models/{model_name}/ready', '/v1/models/{model_name}'];
  expect(await Promise.all(paths.map(misfits))).toEqual(paths.map(() => []));
});

it('whatever is asked of the API, it answers as its own description says', async () => {
  const store = mkdtempSync(path.join(tmpdir(), 'fuzz-'));
  writeFileSync(path.join(store, 'brain.mar'), '');
  const createModel: ModelFactory = async ({ name }) => {
    const { runtime } = fakeModel({ name: name ?? 'brain' });
    return { runtime, runtimeName: 'python', wantedWorkers: null };
  };
  const address = localAddress();
  const { port } = await startTestServer({
    createModel,
    models: [fakeModel(), fakeModel({ version: '2.0' }), fakeModel({ name: 'other' })],
    rules: { modelStore: store, allowedUrls: [], allowPrivateUrls: false },
    config: { inferenceAddress: address, managementAddress: address, metricsAddress: address, enableModelApi: true },
  });
  const all = (await ask({ port, path: '/api-description' })).json as Description;
  await fc.assert(
    fc.asyncProperty(arbitraryCalls(all), async ({ call, operation, method }) => {
      const answer = await ask({ port, ...renderCall(call) });
      expect(judgeAnswer(answer, call, operation, method, all)).toEqual([]);
    }),
    { numRuns: 400, interruptAfterTimeLimit: 5000, examples: [[emptyName(all)]] },
  );
  rmSync(store, { recursive: true, force: true });
}, 60_000);
