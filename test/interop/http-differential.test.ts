import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Job, JobReply } from '../../src/core/serving/model-runtime.js';
import { fakeModel, replyWith } from '../core/serving/http/fake-model.js';
import { type Ask, ask, startTestServer, stopTestServers, type TestServer } from '../core/serving/http/test-server.js';
import { packHandler } from './handler-archive.js';
import { type RunningServer, startTorchServe } from './torchserve.js';

const folder = mkdtempSync(path.join(tmpdir(), 'differential-'));
let peer: RunningServer;
let ours: TestServer;

/** What fixtures/handlers/mirror.py does, as a function: the two servers are compared, not their handlers. */
async function imitateHandler(job: Job): Promise<JobReply> {
  const mode = job.headers.findLast(([name]) => name.toLowerCase() === 'mode')?.[1] ?? '';
  const rows = job.parameters.map(({ name, value }) => [name, Buffer.concat(value).toString('latin1')] as const);
  const body = job.parameters.find(({ name }) => name === 'body') ?? job.parameters.find(({ name }) => name === 'data');
  const shown = rows.map(([name, value]) => `${JSON.stringify(name)}: {"bytearray": ${JSON.stringify(value)}}`).sort();
  return replyWith({
    status: mode === 'status' ? 418 : 200,
    reason: mode === 'status' ? 'Teapot' : '',
    contentType: mode === 'type' ? 'text/x-mirror; charset=utf-8' : '',
    headers:
      mode === 'header'
        ? [
            ['X-Mine', 'value'],
            ['Cache-Control', 'public'],
          ]
        : [],
    body: mode === 'rows' ? [Buffer.from(`{${shown.join(', ')}}`)] : (body?.value ?? []),
  });
}

beforeAll(async () => {
  const mirror = packHandler(folder, 'mirror');
  peer = await startTorchServe({
    archives: { noop: mirror },
    spares: { 'spare.mar': mirror },
    config: ['enable_model_api=true', 'metrics_mode=prometheus'],
  });
  ours = await startTestServer({
    models: [fakeModel({ submit: imitateHandler })],
    config: { enableModelApi: true, metricsAddress: { kind: 'tcp', tls: false, host: '127.0.0.1', port: 0 } },
    rules: { modelStore: '/nowhere', allowedUrls: [], allowPrivateUrls: false },
  });
}, 90_000);

afterAll(async () => {
  await stopTestServers();
  await peer?.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Api = 'inference' | 'management' | 'metrics';

interface Case extends Omit<Ask, 'port'> {
  readonly api?: Api;
  /** What ours answers instead, and why that is better. */
  readonly better?: {
    readonly why: string;
    readonly status?: number;
    readonly type?: string;
    readonly message?: RegExp;
  };
}

interface Seen {
  readonly status: number;
  readonly reason: string;
  readonly headers: Record<string, string | undefined>;
  readonly body: unknown;
}

const COMPARED = [
  'content-type',
  'pragma',
  'cache-control',
  'expires',
  'x-mine',
  'transfer-encoding',
  'access-control-allow-origin',
];

/** What a client can see and both must agree on: values that differ from run to run are left out. */
async function look(port: number, request: Case): Promise<Seen> {
  const { api: _api, better: _better, ...parts } = request;
  const answer = await ask({ ...parts, port });
  const json = answer.json as Record<string, unknown> | null;
  const isError = json !== null && !Array.isArray(json) && 'code' in json && 'type' in json;
  return {
    status: answer.status,
    reason: answer.reason,
    headers: {
      ...Object.fromEntries(COMPARED.map((name) => [name, answer.headers[name] as string | undefined])),
      // Ours keeps connections that the peer keeps; where the peer closes them ours says so as well.
      connection: answer.headers['connection']?.toLowerCase(),
      'x-request-id': /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(String(answer.headers['x-request-id']))
        ? 'a UUID'
        : 'no UUID',
    },
    body: isError
      ? { code: json['code'], type: json['type'], message: json['message'] }
      : answer.body.toString('latin1'),
  };
}

function portOf(server: 'peer' | 'ours', api: Api): number {
  if (server === 'peer') return Number(new URL(peer[api]).port);
  return api === 'inference' ? ours.port : api === 'management' ? ours.managementPort : ours.metricsPort;
}

const FORM = { 'content-type': 'multipart/form-data; boundary=B' };
const PART = (name: string, value: string, more = '') =>
  `--B\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
const TYPED = { 'content-type': 'application/octet-stream' };
const WORKFLOW = { api: 'management' } as const;

const SAME: readonly Case[] = [
  { path: '/ping' },
  { path: '/ping/anything' },
  { path: '/ping', method: 'POST', body: 'x' },
  { path: '/nowhere' },
  { path: '/' },
  { path: '/predictions' },
  { path: '/predictions/' },
  { path: '/predictions/none', body: 'x' },
  { path: '/predictions/noop/9.9', body: 'x' },
  { path: '/predictions/noop', body: 'x', headers: TYPED },
  { path: '/predictions/noop/', body: 'x', headers: TYPED },
  { path: '/predictions/noop/1.0', body: 'x', headers: TYPED },
  { path: '/predictions/noop/1.0/a/b', body: 'x', headers: TYPED },
  { path: '/predictions/noop', method: 'PUT', body: 'x', headers: TYPED },
  { path: '/predictions/noop', method: 'DELETE' },
  { path: '/predictions/noop' },
  { path: '/predictions/noop', body: 'x', headers: { ...TYPED, mode: 'status' } },
  { path: '/predictions/noop', body: 'x', headers: { ...TYPED, mode: 'type' } },
  { path: '/predictions/noop', body: 'x', headers: { ...TYPED, mode: 'header' } },
  {
    path: '/predictions/noop',
    body: `${PART('data', 'one')}${PART('data', 'two')}--B--\r\n`,
    headers: { ...FORM, mode: 'rows' },
  },
  {
    path: '/predictions/noop',
    body: `${PART('a', '1')}${PART('f', 'file', '; filename="f.bin"')}--B--\r\n`,
    headers: { ...FORM, mode: 'rows' },
  },
  {
    path: '/predictions/noop',
    body: 'a=1%2B1&b=two',
    headers: { 'content-type': 'application/x-www-form-urlencoded', mode: 'rows' },
  },
  { path: '/predictions/noop?q=1', body: 'x', headers: { ...TYPED, mode: 'rows' } },
  { path: '/invocations?q=1', body: 'x', headers: { ...TYPED, mode: 'rows' } },
  { path: '/invocations?model_name=noop', body: 'x', headers: { ...TYPED, mode: 'rows' } },
  { path: '/models/noop/invoke?q=1', body: 'x', headers: { ...TYPED, mode: 'rows' } },
  { path: '/noop/predict?q=1', body: 'x', headers: { ...TYPED, mode: 'rows' } },
  { path: '/noop/1.0/predict', body: 'x', headers: TYPED },
  { path: '/models/a/b/c', body: 'x' },
  { path: '/wfpredict/w', body: 'x' },
  { api: 'management', path: '/models' },
  { api: 'management', path: '/models?limit=1' },
  { api: 'management', path: '/models?limit=1&next_page_token=1' },
  { api: 'management', path: '/models?limit=-3&next_page_token=x' },
  { api: 'management', path: '/models', method: 'PUT' },
  { api: 'management', path: '/models', method: 'DELETE' },
  { api: 'management', path: '/models', method: 'POST' },
  { api: 'management', path: '/models?url=', method: 'POST' },
  { api: 'management', path: '/models?url=..%2Fx.mar', method: 'POST' },
  { api: 'management', path: '/models?url=none.mar', method: 'POST' },
  { api: 'management', path: '/models?url=spare.mar&runtime=perl', method: 'POST' },
  { api: 'management', path: '/models/noop', method: 'POST' },
  { api: 'management', path: '/models/none' },
  { api: 'management', path: '/models/noop/9.9' },
  { api: 'management', path: '/models/none', method: 'DELETE' },
  { api: 'management', path: '/models/noop/9.9', method: 'DELETE' },
  { api: 'management', path: '/models/none?min_worker=1', method: 'PUT' },
  { api: 'management', path: '/models/none?min_worker=2&max_worker=1', method: 'PUT' },
  { api: 'management', path: '/models/noop/9.9?min_worker=1', method: 'PUT' },
  { api: 'management', path: '/models/noop?min_worker=1&synchronous=true', method: 'PUT' },
  { api: 'management', path: '/models/noop/1.0?min_worker=1&synchronous=true', method: 'PUT' },
  { api: 'management', path: '/models/noop?min_worker=1', method: 'PUT' },
  { api: 'management', path: '/models/noop/1.0/set-default', method: 'PUT' },
  { api: 'management', path: '/models/noop/9.9/set-default', method: 'PUT' },
  { api: 'management', path: '/predictions/noop' },
  { api: 'management', path: '/ping' },
  { api: 'management', path: '/' },
  { api: 'management', path: '/token?type=inference' },
  { ...WORKFLOW, path: '/workflows' },
  { ...WORKFLOW, path: '/workflows/w' },
  { ...WORKFLOW, path: '/workflows', method: 'POST' },
  { ...WORKFLOW, path: '/workflows?url=x.war', method: 'POST' },
  { api: 'metrics', path: '/nowhere' },
  { api: 'metrics', path: '/metrics?name[]=None' },
];

const BETTER: readonly Case[] = [
  {
    path: '/predictions/%zz',
    body: 'x',
    better: { why: 'a bad escape is a bad request', status: 400, type: 'BadRequestException' },
  },
  {
    path: '/explanations/noop',
    body: 'x',
    headers: TYPED,
    better: {
      why: 'a handler that cannot explain says so instead of predicting',
      status: 501,
      type: 'NotImplementedException',
    },
  },
  {
    api: 'management',
    path: '/models/noop?min_worker=-1',
    method: 'PUT',
    better: {
      why: 'a count below zero is a bad request, no fault of the server',
      status: 400,
      type: 'BadRequestException',
    },
  },
  {
    api: 'management',
    path: '/models',
    method: 'POST',
    body: '{"url":',
    headers: { 'content-type': 'application/json' },
    better: { why: 'JSON that breaks off is a bad request', status: 400, type: 'BadRequestException' },
  },
  {
    api: 'management',
    path: '/models?url=http://127.0.0.1:1/x.mar',
    method: 'POST',
    better: {
      why: 'nothing is fetched unless the operator allows it',
      status: 404,
      type: 'ModelNotFoundException',
      message: /does not match any allowed URL/,
    },
  },
];

const title = ({ api, method, path, body, headers }: Case): string =>
  [api ?? 'inference', method ?? (body === undefined ? 'GET' : 'POST'), path, headers?.['mode'] ?? ''].join(' ').trim();

describe('the same request to both servers', () => {
  it.each(SAME.map((request) => [title(request), request] as const))('%s looks the same', async (_, request) => {
    const api = request.api ?? 'inference';
    const [theirs, own] = [await look(portOf('peer', api), request), await look(portOf('ours', api), request)];
    expect(own).toEqual(theirs);
  });

  it.each(BETTER.map((request) => [title(request), request] as const))('%s is answered better', async (_, request) => {
    const api = request.api ?? 'inference';
    const [theirs, own] = [await look(portOf('peer', api), request), await look(portOf('ours', api), request)];
    expect(own).not.toEqual(theirs);
    expect(own.status).toBe(request.better?.status);
    expect(own.body).toMatchObject({ type: request.better?.type });
    if (request.better?.message)
      expect(own.body).toMatchObject({ message: expect.stringMatching(request.better.message) });
  });

  it('describes a model by the same fields in the same order', async () => {
    const keysOf = async (port: number): Promise<string[]> => {
      const [model] = (await ask({ port, path: '/models/noop' })).json as [Record<string, unknown>];
      return Object.keys(model);
    };
    expect(await keysOf(ours.managementPort)).toEqual(await keysOf(portOf('peer', 'management')));
  });

  it('shows the same families of metrics, each sample with the same labels', async () => {
    const read = async (port: number): Promise<string[]> => {
      const text = (await ask({ port, path: '/metrics' })).body.toString();
      const types = [...text.matchAll(/^# (?:TYPE|HELP) (.+)$/gm)].map((match) => match[1]!);
      const labels = [...text.matchAll(/^(\w+)\{(.*)\} \d+\.\d+(?:E\d+)?$/gm)].map(
        (match) => `${match[1]} ${match[2]!.replace(/="[^"]*"/g, '=')}`,
      );
      return [...types, ...labels];
    };
    const own = new Set(await read(ours.metricsPort));
    const missing = (await read(portOf('peer', 'metrics'))).filter((line) => !own.has(line));
    // Samples of the machine and of handlers appear here when the lifecycle feeds them; their families stand from the start.
    const fed = /^(WorkerLoadTime|CPUUtilization|Memory\w+|Disk\w+|PredictionTime|HandlerTime) \w+=,/;
    expect(missing.filter((line) => !fed.test(line))).toEqual([]);
  });
});
