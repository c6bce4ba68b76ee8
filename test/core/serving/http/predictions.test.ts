import http from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { EisenError } from '../../../../src/core/errors/error.js';
import type { ErrorCode } from '../../../../src/core/errors/table.js';
import type { Fault } from '../../../../src/core/serving/http/fault.js';
import { retryAfterS } from '../../../../src/core/serving/http/prediction-route.js';
import type { Job } from '../../../../src/core/serving/model-runtime.js';
import { fakeModel, replyWith } from './fake-model.js';
import { ask, errorOf, sendRaw, startTestServer, stopTestServers } from './test-server.js';

afterEach(stopTestServers);

describe('a prediction', () => {
  it('hands the body on as it came and sends the reply without a content type of its own', async () => {
    const model = fakeModel();
    const { port } = await startTestServer({ models: [model] });
    const body = Buffer.from([0x81, 0, 255, 10]);
    const answer = await ask({ port, path: '/predictions/noop', body, headers: { 'X-Mine': 'yes' } });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(body);
    expect(answer.headers['content-type']).toBeUndefined();
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers['pragma']).toBe('no-cache');
    expect(answer.headers['cache-control']).toBe('no-cache; no-store, must-revalidate, private');
    expect(answer.headers['expires']).toBe('Thu, 01 Jan 1970 00:00:00 UTC');
    expect(model.jobs[0]?.requestId).toBe(answer.headers['x-request-id']);
    expect(model.jobs[0]?.parameters.map(({ name, contentType }) => [name, contentType])).toEqual([['body', '']]);
    expect(model.jobs[0]?.headers).toEqual(
      expect.arrayContaining([
        ['X-Mine', 'yes'],
        ['url_path', ''],
        ['explain', 'False'],
      ]),
    );
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('is made by %s as well', async (method) => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    expect((await ask({ port, method, path: '/predictions/noop' })).status).toBe(200);
  });

  it.each([
    ['with its length', 'Content-Length: 5\r\n\r\nhello', 'hello'],
    ['in two chunks', 'Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n', 'hello'],
    ['in chunks that hold nothing', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n', ''],
  ])('takes a body that comes together with its head, %s, and the next request after it', async (_, tail, body) => {
    const model = fakeModel();
    const { port } = await startTestServer({ models: [model], maxInFlightBytes: 10 });
    const one = `POST /predictions/noop HTTP/1.1\r\nHost: x\r\n${tail}`;
    const { text } = await sendRaw(port, one + one);
    expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
    const bodies = model.jobs.map(({ parameters }) => Buffer.concat(parameters[0]!.value).toString());
    expect(bodies).toEqual([body, body]);
  });

  it('is refused when a chunked body that comes together with its head is over the limit', async () => {
    const { port } = await startTestServer({ models: [fakeModel()], config: { maxRequestBytes: 4 } });
    const chunks = '3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n';
    const head = 'POST /predictions/noop HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect((await sendRaw(port, head + chunks)).text).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('finds a version and tells the handler what stands behind it in the path', async () => {
    const models = [fakeModel({ version: '1.0' }), fakeModel({ version: '2.0' })];
    const { port } = await startTestServer({ models });
    await ask({ port, path: '/predictions/noop/2.0/a/b%20c', body: 'x' });
    expect(models.map(({ jobs }) => jobs.length)).toEqual([0, 1]);
    expect(models[1]?.jobs[0]?.headers).toContainEqual(['url_path', 'a/b c']);
  });

  it('gives each part of a form its own name and keeps the last of a name', async () => {
    const model = fakeModel();
    const { port } = await startTestServer({ models: [model] });
    const form = [
      '--B\r\nContent-Disposition: form-data; name="data"; filename="a.nii.gz"\r\nContent-Type: application/gzip\r\n\r\nfirst\r\n',
      '--B\r\nContent-Disposition: form-data; name="data"\r\n\r\nsecond\r\n',
      '--B\r\nContent-Disposition: form-data; name="t2"\r\n\r\n\r\n--B--\r\n',
    ].join('');
    await ask({
      port,
      path: '/predictions/noop',
      body: form,
      headers: { 'content-type': 'multipart/form-data; boundary=B' },
    });
    const parameters = model.jobs[0]?.parameters.map(({ name, value }) => [name, Buffer.concat(value).toString()]);
    expect(parameters).toEqual([
      ['data', 'second'],
      ['t2', ''],
    ]);
  });

  it('splits an urlencoded form', async () => {
    const model = fakeModel();
    const { port } = await startTestServer({ models: [model] });
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    await ask({ port, path: '/predictions/noop', body: 'a=1%2B1&b=%C3%A4', headers });
    const parameters = model.jobs[0]?.parameters.map(({ name, value }) => [name, Buffer.concat(value).toString()]);
    expect(parameters).toEqual([
      ['a', '1+1'],
      ['b', 'ä'],
    ]);
  });

  it.each(['gzip', 'x-gzip', 'deflate'])('inflates a body with content encoding %s', async (encoding) => {
    const { deflateSync } = await import('node:zlib');
    const model = fakeModel();
    const { port } = await startTestServer({ models: [model] });
    const body = encoding === 'deflate' ? deflateSync('hello') : gzipSync('hello');
    const answer = await ask({ port, path: '/predictions/noop', body, headers: { 'content-encoding': encoding } });
    expect(answer.body.toString()).toBe('hello');
  });

  it('passes status, phrase, content type and headers of the handler on, but not over the framework', async () => {
    const reply = replyWith({
      status: 418,
      reason: 'Teapot',
      contentType: 'text/x-tea',
      headers: [
        ['X-Leaf', 'green'],
        ['x-request-id', 'forged'],
        ['X-Bad', 'a\r\nX-Injected: 1'],
      ],
      body: [Buffer.from('hot')],
    });
    const { port } = await startTestServer({ models: [fakeModel({ submit: async () => reply })] });
    const answer = await ask({ port, path: '/predictions/noop', body: 'x' });
    expect([answer.status, answer.reason, answer.headers['content-type']]).toEqual([418, 'Teapot', 'text/x-tea']);
    expect(answer.headers['x-leaf']).toBe('green');
    expect(answer.headers['x-request-id']).not.toBe('forged');
    expect(answer.headers['x-injected']).toBeUndefined();
    expect(answer.headers['connection']).toBe('close');
  });

  it('streams the parts of a reply as they come, in chunks', async () => {
    async function* parts() {
      yield [Buffer.from('two')];
      yield [Buffer.from('three')];
    }
    const reply = replyWith({ headers: [['ts_stream_next', 'true']], body: [Buffer.from('one')], stream: parts() });
    const { port } = await startTestServer({ models: [fakeModel({ submit: async () => reply })] });
    const answer = await ask({ port, path: '/predictions/noop', body: 'x' });
    expect(answer.headers['transfer-encoding']).toBe('chunked');
    expect(answer.headers['ts_stream_next']).toBe('true');
    expect(answer.body.toString()).toBe('onetwothree');
  });

  describe('a long reply that is still arriving', () => {
    async function* parts(failure?: Error) {
      yield [Buffer.from('two')];
      if (failure !== undefined) throw failure;
      yield [Buffer.from('three')];
    }
    const arriving = (failure?: Error) =>
      replyWith({ body: [Buffer.from('one')], stream: parts(failure), streamedBytes: 11 });

    it('travels with its length', async () => {
      const { port } = await startTestServer({ models: [fakeModel({ submit: async () => arriving() })] });
      const answer = await ask({ port, path: '/predictions/noop', body: 'x' });
      expect(answer.headers['content-length']).toBe('11');
      expect(answer.headers['transfer-encoding']).toBeUndefined();
      expect(answer.body.toString()).toBe('onetwothree');
    });

    it('is no shorter reply when it breaks off: the connection ends, and the operator is told', async () => {
      const error = new Error('Worker died.');
      const faults: Fault[] = [];
      const { port } = await startTestServer({
        models: [fakeModel({ submit: async () => arriving(error) })],
        onFault: (fault) => faults.push(fault),
      });
      await expect(ask({ port, path: '/predictions/noop', body: 'x' })).rejects.toThrow();
      expect(faults).toEqual([{ requestId: expect.any(String), error, isCutOff: true }]);
    });

    it('has no body where its status allows none', async () => {
      const { port } = await startTestServer({
        models: [fakeModel({ submit: async () => ({ ...arriving(), status: 204 }) })],
      });
      const answer = await ask({ port, path: '/predictions/noop', body: 'x' });
      expect([answer.status, answer.body.length, answer.headers['content-length']]).toEqual([204, 0, undefined]);
    });
  });

  it('drops its job when the client goes', async () => {
    let signal: Job['signal'];
    const gone = new Promise<void>((resolve) => {
      void startTestServer({
        models: [
          fakeModel({
            submit: (job) =>
              new Promise(() => {
                signal = job.signal;
                job.signal?.addEventListener('abort', () => resolve());
              }),
          }),
        ],
      }).then(({ port }) => {
        const request = http.request({ port, path: '/predictions/noop', method: 'POST' });
        request.on('error', () => {});
        request.end('x');
        setTimeout(() => request.destroy(), 50);
      });
    });
    await gone;
    expect(signal?.aborted).toBe(true);
  });
});

const FAILURES: readonly (readonly [ErrorCode, number, string, string])[] = [
  ['WORKER_DIED', 500, 'InternalServerException', 'Worker died.'],
  ['RESPONSE_TIMEOUT', 500, 'InternalServerException', 'Worker died.'],
  ['WORKER_OUT_OF_MEMORY', 507, 'InternalServerException', 'Worker died.'],
  ['BODY_UNDECODABLE', 400, 'BadRequestException', 'because'],
  ['QUEUE_FULL', 503, 'ServiceUnavailableException', 'because'],
];

describe('a prediction that fails', () => {
  it.each(FAILURES)('with %s answers %i %s', async (code, status, type, message) => {
    const submit = async (): Promise<never> => {
      throw new EisenError(code, 'because');
    };
    const { port } = await startTestServer({ models: [fakeModel({ submit })] });
    const answer = await ask({ port, path: '/predictions/noop', body: 'x' });
    expect(answer.status).toBe(status);
    expect(errorOf(answer)).toMatchObject({ code: status, type, message, detail: { code } });
    expect(Object.keys(errorOf(answer))).toEqual(['code', 'type', 'message', 'detail', 'requestId']);
    expect(answer.body.toString().endsWith('}\n')).toBe(true);
    expect(answer.headers['content-type']).toBe('application/json');
  });

  it('by a fault of the program tells the client nothing of it and the log everything', async () => {
    const faults: unknown[] = [];
    const submit = async (): Promise<never> => {
      throw new Error('/secret/path broke');
    };
    const { port } = await startTestServer({
      models: [fakeModel({ submit })],
      onFault: ({ error }) => faults.push(error),
    });
    const answer = await ask({ port, path: '/predictions/noop', body: 'x' });
    expect(answer.status).toBe(500);
    expect(answer.body.toString()).not.toContain('secret');
    expect(faults).toHaveLength(1);
  });

  it.each([
    ['/predictions/none', 'ModelNotFoundException', 'Model not found: none'],
    ['/predictions/noop/9', 'ModelVersionNotFoundException', 'Model version: 9 does not exist for model: noop'],
    ['/predictions', 'ResourceNotFoundException', 'Requested resource is not found, please refer to API document.'],
    ['/nowhere', 'ResourceNotFoundException', 'Requested resource is not found, please refer to API document.'],
  ])('for %s is a 404 %s', async (path, type, message) => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    const answer = await ask({ port, path, body: 'x' });
    expect([answer.status, errorOf(answer).type, errorOf(answer).message]).toEqual([404, type, message]);
    expect(answer.headers['connection']).toBe('close');
  });

  it('for want of a worker says so in the words of the peer, with and without a version', async () => {
    const { port } = await startTestServer({ models: [fakeModel({ runtime: { workers: [] } })] });
    const plain = await ask({ port, path: '/predictions/noop', body: 'x' });
    const versioned = await ask({ port, path: '/predictions/noop/1.0', body: 'x' });
    expect(plain.status).toBe(503);
    expect(plain.headers['retry-after']).toBe('1');
    expect(errorOf(plain).message).toMatch(/^Model "noop" has no worker to serve inference request\. Please use scale/);
    expect(errorOf(versioned).message).toMatch(/^Model "noop" Version 1\.0" has no worker/);
  });

  it('for a full queue is refused before its body is read, and the connection lives on', async () => {
    const runtime = { queue: { remainingCapacity: 0, pendingRequests: 100 } };
    const { port } = await startTestServer({ models: [fakeModel({ runtime })] });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const body = new Uint8Array(500_000);
    const first = await ask({ port, path: '/predictions/noop', body, agent });
    expect([first.status, errorOf(first).detail?.code, first.headers['retry-after']]).toEqual([503, 'QUEUE_FULL', '1']);
    expect((await ask({ port, path: '/ping', agent })).status).toBe(200);
    agent.destroy();
  });
});

describe('a model that is not there', () => {
  it.each([
    ['noup', "Did you mean 'noop'? Loaded: noop."],
    ['something', 'Loaded: noop.'],
  ])('%s is told in the words of the peer, with the names that are there beside them', async (name, hint) => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    const answer = await ask({ port, path: `/predictions/${name}`, body: 'x' });
    expect(answer.json).toMatchObject({
      code: 404,
      message: `Model not found: ${name}`,
      detail: { found: name, hint },
    });
  });

  it('is told in short where there are many others', async () => {
    const models = Array.from({ length: 12 }, (_, n) => fakeModel({ name: `model-${String(n).padStart(2, '0')}` }));
    const { port } = await startTestServer({ models });
    const answer = await ask({ port, path: '/predictions/zzz', body: 'x' });
    expect(JSON.stringify(answer.json)).toContain('model-09 and 2 more.');
  });
});

describe('the time after which to come back', () => {
  it.each([
    [{ pending: 0, meanMs: 100, workers: 1 }, 1],
    [{ pending: 100, meanMs: 100, workers: 1 }, 10],
    [{ pending: 100, meanMs: 100, workers: 4 }, 3],
    [{ pending: 100, meanMs: 60_000, workers: 1 }, 60],
    [{ pending: 100, meanMs: 0, workers: 0 }, 1],
  ])('for %j is %i s', (queue, seconds) => expect(retryAfterS(queue)).toBe(seconds));

  it('follows from what waits and how long the last ones took', async () => {
    const queue = { remainingCapacity: 100, pendingRequests: 0 };
    const submit = async () => replyWith({ timing: { queueMs: 0, workerMs: 400, inferenceMs: 400 } });
    const { port } = await startTestServer({ models: [fakeModel({ runtime: { queue }, submit })] });
    await ask({ port, path: '/predictions/noop', body: 'x' });
    Object.assign(queue, { remainingCapacity: 0, pendingRequests: 100 });
    const answer = await ask({ port, path: '/predictions/noop', body: 'x' });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '40']);
  });
});

describe('the size of a body', () => {
  it('is refused from its declaration, in JSON that names the limit, and the connection lives on', async () => {
    const model = fakeModel();
    const { port } = await startTestServer({ models: [model], config: { maxRequestBytes: 1000 } });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const answer = await ask({ port, path: '/predictions/noop', body: new Uint8Array(2_000_000), agent });
    expect(answer.status).toBe(413);
    expect(errorOf(answer).message).toContain('1000 bytes');
    expect(errorOf(answer).message).toContain('max_request_size');
    expect((await ask({ port, path: '/ping', agent })).status).toBe(200);
    expect(model.jobs).toHaveLength(0);
    agent.destroy();
  });

  it('is refused while a chunked body passes it', async () => {
    const { port } = await startTestServer({ models: [fakeModel()], config: { maxRequestBytes: 1000 } });
    const headers = { 'transfer-encoding': 'chunked' };
    const answer = await ask({ port, path: '/predictions/noop', body: new Uint8Array(3000), headers });
    expect(answer.status).toBe(413);
  });

  it('counts inflated bytes: a bomb stops at the limit', async () => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    const body = gzipSync(new Uint8Array(50_000_000));
    const answer = await ask({ port, path: '/predictions/noop', body, headers: { 'content-encoding': 'gzip' } });
    expect([answer.status, errorOf(answer).detail?.code]).toEqual([413, 'LIMIT_EXCEEDED']);
  });

  it('is refused before 100 Continue when the client asks first', async () => {
    const { port } = await startTestServer({ models: [fakeModel()], config: { maxRequestBytes: 1000 } });
    const head = 'POST /predictions/noop HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n';
    const { text, closed } = await sendRaw(port, head);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(closed).toBe(true);
  });

  it('counts against what the server holds in all', async () => {
    const { port } = await startTestServer({
      maxInFlightBytes: 1000,
      models: [fakeModel({ submit: () => new Promise(() => {}) })],
    });
    const first = ask({ port, path: '/predictions/noop', body: new Uint8Array(900) }).catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const second = await ask({ port, path: '/predictions/noop', body: new Uint8Array(900) });
    expect([second.status, errorOf(second).detail?.code]).toEqual([503, 'OVERLOADED']);
    expect(second.headers['retry-after']).toBe('1');
    await stopTestServers();
    await first;
  });

  it('refuses a content encoding that it does not know', async () => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    const answer = await ask({ port, path: '/predictions/noop', body: 'x', headers: { 'content-encoding': 'br' } });
    expect(answer.status).toBe(415);
  });

  it('refuses a body that does not inflate', async () => {
    const { port } = await startTestServer({ models: [fakeModel()] });
    const answer = await ask({
      port,
      path: '/predictions/noop',
      body: 'junk',
      headers: { 'content-encoding': 'gzip' },
    });
    expect([answer.status, errorOf(answer).detail?.code]).toEqual([400, 'BODY_UNDECODABLE']);
  });
});
