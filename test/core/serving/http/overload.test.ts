import http from 'node:http';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createScriptedPool } from '../../../support/workers/scripted-pool.js';
import { fakeModel } from './fake-model.js';
import { type Answer, ask, startTestServer, stopTestServers } from './test-server.js';

const CONNECTIONS = 512;
const REQUESTS_EACH = 4;
const QUEUE = 100;

let agent: http.Agent;
beforeEach(() => {
  agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
});
afterEach(async () => {
  agent.destroy();
  await stopTestServers();
});

/** One connection's requests, one after another, whatever becomes of them. */
async function callAgain(port: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let n = 0; n < REQUESTS_EACH; n += 1)
    answers.push(await ask({ port, path: '/predictions/m', body: 'slow 4', agent }));
  return answers;
}

it('512 connections on a queue of 100 are answered or told when to come again, each of them, and the queue is empty afterwards', async () => {
  const { runtime } = createScriptedPool({ settings: { jobQueueSize: QUEUE } });
  await runtime.scale({ min: 1, max: 1 });
  const { port, managementPort } = await startTestServer({ models: [{ ...fakeModel(), runtime }] });
  const answers = (await Promise.all(Array.from({ length: CONNECTIONS }, () => callAgain(port)))).flat();

  expect(answers).toHaveLength(CONNECTIONS * REQUESTS_EACH);
  const [good, refused] = [200, 503].map((wanted) => answers.filter(({ status }) => status === wanted));
  expect(good!.length + refused!.length).toBe(answers.length);
  // The first wave alone fills the queue and overflows it.
  expect(good!.length).toBeGreaterThanOrEqual(QUEUE);
  expect(refused!.length).toBeGreaterThan(0);
  expect(good!.filter(({ body }) => !/^slow pid=\d+ rows=1$/.test(body.toString()))).toEqual([]);
  expect(refused!.filter(({ headers }) => !/^[1-9]\d*$/.test(headers['retry-after'] ?? ''))).toEqual([]);
  expect(new Set(refused!.map(({ json }) => (json as { code: number }).code))).toEqual(new Set([503]));

  expect(runtime.queue).toEqual({ remainingCapacity: QUEUE, pendingRequests: 0 });
  const [described] = (await ask({ port: managementPort, path: '/models/m' })).json as [{ jobQueueStatus: object }];
  expect(described.jobQueueStatus).toEqual({ remainingCapacity: QUEUE, pendingRequests: 0 });
  expect((await ask({ port, path: '/predictions/m', body: 'echo again' })).status).toBe(200);
}, 60_000);
