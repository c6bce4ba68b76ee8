import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GENERAL, PREDICTIONS } from './inference-probes.js';
import { CHANGES, METRICS, ODDITIES, QUESTIONS } from './management-probes.js';
import { exchange, type Observed, observe, type Probe } from './observe.js';
import { type Pair, startPair } from './servers.js';
import { GUARDED } from './token-probes.js';

function title(probe: Probe): string {
  const { api = 'inference', method = probe.body === undefined ? 'GET' : 'POST', path, headers = {}, token } = probe;
  const body = probe.body === undefined ? '' : JSON.stringify(probe.body.toString().slice(0, 60));
  const said = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [api, method, path.slice(0, 80), ...said, token === undefined ? '' : `token of ${token}`, body]
    .filter((word) => word !== '')
    .join(' ');
}

const rows = (probes: readonly Probe[]) =>
  probes.map((probe) => [title(probe) + (probe.better === undefined ? '' : `: ${probe.better.why}`), probe] as const);

async function askBoth(pair: Pair, probe: Probe): Promise<{ theirs: Observed; own: Observed }> {
  const [theirs, own] = await Promise.all([observe(pair.peer, probe), observe(pair.ours, probe)]);
  return { theirs, own };
}

/** The same to the byte, or better in exactly the way that the probe names. */
async function judge(pair: Pair, probe: Probe): Promise<void> {
  const { theirs, own } = await askBoth(pair, probe);
  const { better } = probe;
  if (better === undefined) {
    expect(own).toEqual(theirs);
    return;
  }
  expect(own).not.toEqual(theirs);
  if (better.status !== undefined) expect(own.statusLine).toMatch(new RegExp(`^HTTP/1\\.1 ${better.status}( |$)`));
  const error = better.type === undefined && better.message === undefined ? {} : JSON.parse(own.body);
  if (better.type !== undefined) expect(error.type).toBe(better.type);
  if (better.message !== undefined) expect(error.message).toMatch(better.message);
}

/** An id that stands twice makes a description invalid; and `/metrics` is described by the peer where it answers 404. */
const FAULTS_OF_THE_PEER: readonly string[] = [
  'post /v1/models/{model_name}:predict predictions',
  'post /v2/models/{model_name}/infer predictions',
  'get /metrics metrics',
];

/** `METHOD path operationId` of every operation of a description. */
function operationsOf(description: Buffer): string[] {
  const text = description.toString();
  const { paths } = JSON.parse(text.slice(text.indexOf('\r\n\r\n'))) as {
    paths: Record<string, Record<string, { operationId?: string }>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`),
  );
}

let pair: Pair | undefined;
const stop = async (): Promise<void> => {
  await Promise.all([pair?.peer.stop(), pair?.ours.stop()]);
};

describe('both servers, asked the same, one after the other', () => {
  beforeAll(async () => {
    pair = await startPair(['enable_model_api=true', 'allowed_urls=nothing']);
  }, 120_000);
  afterAll(stop);

  for (const [name, probes] of Object.entries({ GENERAL, PREDICTIONS, QUESTIONS, METRICS, CHANGES, ODDITIES })) {
    describe(name.toLowerCase(), () => {
      it.each(rows(probes))('%s', async (_, probe) => judge(pair!, probe));
    });
  }

  it.each(['inference', 'management', 'metrics'] as const)(
    'ours describes every operation of the %s API that the peer describes, under its id',
    async (api) => {
      const read = async (server: 'peer' | 'ours') =>
        operationsOf(await exchange(Number(new URL(pair![server][api]).port), { path: '/', method: 'OPTIONS' }));
      const own = new Set(await read('ours'));
      const missing = (await read('peer')).filter((operation) => !own.has(operation));
      expect(missing.filter((operation) => !FAULTS_OF_THE_PEER.includes(operation))).toEqual([]);
      if (api === 'metrics') expect(missing).toEqual([]);
    },
  );
});

describe('both servers with tokens, CORS and the Open Inference Protocol, without the model API', () => {
  beforeAll(async () => {
    pair = await startPair(
      [
        'ts_open_inference_protocol=true',
        'cors_allowed_origin=http://app.example',
        'cors_allowed_methods=GET, POST',
        'cors_allowed_headers=X-Custom',
      ],
      true,
    );
  }, 120_000);
  afterAll(stop);

  it.each(rows(GUARDED))('%s', async (_, probe) => judge(pair!, probe));
});
