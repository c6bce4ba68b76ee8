import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeFields, encodeFields } from '../../src/core/tensor/msgpack.js';
import { wrapNdArray } from '../../src/core/tensor/ndarray.js';
import type { Value } from '../../src/core/tensor/value.js';
import { until } from '../support/until.js';
import { obliqueBlock, packBrain } from './brain.js';
import { post, type Reply, request } from './http-post.js';
import { packScaleModel } from './scale-model.js';
import { type RunningServer, startOurs, startTorchServe } from './torchserve.js';

const folder = mkdtempSync(path.join(tmpdir(), 'embedded-'));
const BATCH = 4;
let peer: RunningServer;
let ours: RunningServer;

beforeAll(async () => {
  writeFileSync(path.join(folder, 'none.json'), '[]');
  const logits = packBrain(folder, 'logits', ['--post-processing', 'none.json']);
  const archives = { logits, scale: packScaleModel(folder) };
  peer = await startTorchServe({ archives, config: ['enable_model_api=true'] });
  ours = await startOurs({ archives, config: ['enable_model_api=true', 'default_workers_per_model=1'] });
  const batched = `url=scale.mar&model_name=batched&batch_size=${BATCH}&max_batch_delay=5000&initial_workers=1`;
  for (const server of [peer, ours]) {
    const reply = await request('POST', `${server.management}/models?${batched}`, new Uint8Array(0), {});
    if (reply.status !== 200) throw new Error(`${reply.status} ${reply.body}\n${server.log().slice(-2000)}`);
  }
}, 180_000);

afterAll(async () => {
  await peer?.stop();
  await ours?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The model's raw output in a msgpack reply. */
function logitsOf(reply: Reply): { shape: readonly number[]; dtype: string; data: Float32Array } {
  expect(reply.status).toBe(200);
  const value = decodeFields(reply.body).get('prediction');
  if (value?.kind !== 'array') throw new Error(`the prediction is ${value?.kind}`);
  return { shape: value.array.shape, dtype: value.array.dtype, data: value.array.data as Float32Array };
}

describe('the Python handler that our archives carry, in TorchServe', () => {
  it('gives the logits of our server within 1e-5', async () => {
    const block = await obliqueBlock();
    const replies = [peer, ours].map((server) =>
      post(`${server.inference}/predictions/logits`, block, { accept: 'application/msgpack' }),
    );
    const [theirs, mine] = (await Promise.all(replies)).map(logitsOf);
    expect([theirs!.dtype, theirs!.shape]).toEqual(['float32', mine!.shape]);
    expect(mine!.shape.slice(0, 2)).toEqual([1, 4]);
    let [apart, largest] = [0, 0];
    for (let n = 0; n < mine!.data.length; n += 1) {
      apart = Math.max(apart, Math.abs(mine!.data[n]! - theirs!.data[n]!));
      largest = Math.max(largest, Math.abs(mine!.data[n]!));
    }
    expect(largest).toBeGreaterThan(1);
    expect(apart).toBeLessThanOrEqual(1e-5);
  }, 120_000);
});

const image = (values: readonly number[]): Value => ({
  kind: 'array',
  array: wrapNdArray('float32', [1, 1, values.length], Float32Array.from(values)),
});
const plain = (value: string | string[]): Value => ({ kind: 'plain', value });

/** A row of the batch: 2, 4 and 6 times the factor are asked for; the note and the tags must come back with it. */
function msgpackRow(factor: number): Buffer {
  const scale: Value = { kind: 'array', array: wrapNdArray('float32', [], Float32Array.of(factor)) };
  const fields = new Map([
    ['image', image([2, 4, 6])],
    ['scale', scale],
    ['note', plain(`row ${factor}`)],
    ['tags', plain(['a'])],
  ]);
  return Buffer.concat(encodeFields(fields));
}

const jsonRow = (factor: number, row: object = {}): Buffer =>
  Buffer.from(JSON.stringify({ image: [[[2, 4, 6]]], scale: factor, note: `row ${factor}`, tags: ['a'], ...row }));

const readJson = (reply: Reply): unknown => {
  const { prediction, note } = JSON.parse(reply.body.toString()) as { prediction: unknown; note: string };
  return [prediction, note];
};

const readMsgpack = (reply: Reply): unknown => {
  const fields = decodeFields(reply.body);
  const [prediction, note] = [fields.get('prediction'), fields.get('note')];
  if (prediction?.kind !== 'array' || note?.kind !== 'plain') throw new Error('the reply lacks an output');
  return [[[[...(prediction.array.data as Float32Array)]]], note.value];
};

const CUT = msgpackRow(1).subarray(0, 40);
const WRONG_LENGTH = Buffer.concat(
  encodeFields(new Map([['image', plain('no image')], ...[...decodeFields(msgpackRow(1))].slice(1)])),
);

const CASES = [
  ['JSON', 'application/json', 'JSON that ends early', Buffer.from('{"image": [[['), jsonRow, readJson],
  ['JSON', 'application/json', 'an image of ragged rows', jsonRow(1, { image: [[[1, 2], [3]]] }), jsonRow, readJson],
  ['msgpack', 'application/msgpack', 'msgpack that ends early', CUT, msgpackRow, readMsgpack],
  ['msgpack', 'application/msgpack', 'a text for an image', WRONG_LENGTH, msgpackRow, readMsgpack],
] as const;

describe.each([
  ['TorchServe', () => peer],
  ['ours', () => ours],
] as const)('a full batch in %s', (title, server) => {
  it.each(CASES)('of %s rows (%s) with %s among them refuses that row alone', async (...args) => {
    const [, type, , bad, good, read] = args;
    const batches = () =>
      server()
        .log()
        .match(/W-\d+-batched_1\.0.*Backend received inference/g)?.length ?? 0;
    const before = batches();
    const rows = [good(10), bad, good(20), good(30)];
    expect(rows).toHaveLength(BATCH);
    const url = `${server().inference}/predictions/batched`;
    const replies = await Promise.all(rows.map((row) => post(url, row, { 'content-type': type, accept: type })));
    expect(replies.map(({ status }) => status)).toEqual([200, 400, 200, 200]);
    const [first, refused, second, third] = replies;
    expect(JSON.parse(refused!.body.toString())).toMatchObject({ code: 400, message: expect.any(String) });
    const expected = [10, 20, 30].map((factor) => [[[[2 * factor, 4 * factor, 6 * factor]]], `row ${factor}`]);
    expect([first!, second!, third!].map(read)).toEqual(expected);
    if (title !== 'TorchServe') return;
    // Its worker writes one such line a batch, and the log comes after the replies: the four rows were one.
    await until(() => batches() > before);
    expect(batches() - before).toBe(1);
  });
});
