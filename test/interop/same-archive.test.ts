import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeImage } from '../../src/core/imaging/decode-image.js';
import { decodeFields, encodeFields } from '../../src/core/tensor/msgpack.js';
import { demoScan, obliqueBlock, packBrain } from './brain.js';
import { post, type Reply } from './http-post.js';
import { type RunningServer, startOurs, startTorchServe } from './torchserve.js';

const folder = mkdtempSync(path.join(tmpdir(), 'same-'));
let peer: RunningServer;
let ours: RunningServer;

beforeAll(async () => {
  const archives = { brain: packBrain(folder) };
  peer = await startTorchServe({ archives });
  ours = await startOurs({ archives });
}, 180_000);

afterAll(async () => {
  await peer?.stop();
  await ours?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function both(body: Uint8Array, headers: Record<string, string> = {}): Promise<[Reply, Reply]> {
  const url = '/predictions/brain';
  return [await post(peer.inference + url, body, headers), await post(ours.inference + url, body, headers)];
}

/** A label map's voxels, shape, dtype and affine out of NIfTI bytes. */
async function labelsOf(bytes: Buffer) {
  const { array, geometry } = await decodeImage(bytes, { name: 'reply' });
  return { array, affine: geometry?.affine };
}

const HEADER_BYTES = 352;
const readHeader = (bytes: Buffer): Buffer => (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).subarray(0, HEADER_BYTES);

async function expectSameLabels(scan: Buffer): Promise<void> {
  const [theirs, mine] = await both(scan, { accept: 'application/x-nifti' });
  expect([theirs.status, mine.status]).toEqual([200, 200]);
  const [a, b] = [await labelsOf(theirs.body), await labelsOf(mine.body)];
  const source = await decodeImage(scan, { name: 'scan' });
  expect([a.array.shape, a.array.dtype]).toEqual([b.array.shape, b.array.dtype]);
  expect(a.array.shape).toEqual(source.array.shape);
  const differing = Array.from(a.array.data as Uint8Array).filter((value, n) => value !== b.array.data[n]).length;
  expect(differing).toBe(0);
  expect(new Set(a.array.data as Uint8Array).size).toBeGreaterThan(2);
  expect(a.affine).toEqual(source.geometry?.affine);
  expect(b.affine).toEqual(source.geometry?.affine);
}

describe('one archive in TorchServe and in ours', () => {
  it('gives the same label map of an oblique int16 block, bit for bit, on its own grid', async () => {
    await expectSameLabels(await obliqueBlock());
  }, 120_000);

  it('gives the same label map of the whole demo scan, bit for bit', async () => {
    await expectSameLabels(demoScan());
  }, 240_000);

  it.each([
    ['an oblique block', () => obliqueBlock()],
    ['the demo scan', async () => demoScan()],
  ])(
    'writes the same header for %s, byte by byte, which says that the voxels are labels',
    async (_, makeScan) => {
      const [theirs, mine] = await both(await makeScan(), { accept: 'application/x-nifti' });
      expect(readHeader(theirs.body).toString('hex')).toBe(readHeader(mine.body).toString('hex'));
      expect(readHeader(theirs.body).readInt16LE(68)).toBe(1002);
    },
    240_000,
  );

  it('gives the labels of a NIfTI-2 volume as NIfTI-2 on its own grid, byte by byte', async () => {
    const scan = await obliqueBlock(2);
    const replies = await both(scan, { accept: 'application/x-nifti' });
    const [theirs, mine] = replies.map(({ body }) => (body[0] === 0x1f ? gunzipSync(body) : body));
    expect(theirs!.readInt32LE(0)).toBe(540);
    expect(theirs!.equals(mine!)).toBe(true);
    expect((await labelsOf(theirs!)).affine).toEqual((await labelsOf(scan)).affine);
  }, 120_000);

  it('answers an empty request with the same metadata', async () => {
    const [theirs, mine] = await both(new Uint8Array(0));
    expect(JSON.parse(theirs.body.toString())).toEqual(JSON.parse(mine.body.toString()));
    expect([theirs.headers['content-type'], mine.headers['content-type']]).toEqual([
      'application/json',
      'application/json',
    ]);
  });

  it('answers a map without the inputs with the same metadata', async () => {
    const [theirs, mine] = await both(Buffer.concat(encodeFields(new Map([['other', { kind: 'plain', value: 1 }]]))));
    expect([theirs.status, mine.status]).toEqual([200, 200]);
    expect(JSON.parse(theirs.body.toString())).toEqual(JSON.parse(mine.body.toString()));
  });

  it('answers msgpack that carries the file, with the file of the labels in msgpack', async () => {
    const body = Buffer.concat(encodeFields(new Map([['image', { kind: 'file', bytes: await obliqueBlock() }]])));
    const [theirs, mine] = await both(body);
    expect([theirs.status, mine.status]).toEqual([200, 200]);
    const files = [theirs, mine].map((reply) => decodeFields(reply.body).get('prediction'));
    const [a, b] = await Promise.all(
      files.map((file) => {
        if (file?.kind !== 'file') throw new Error(`the reply holds ${file?.kind}`);
        return labelsOf(Buffer.from(file.bytes));
      }),
    );
    expect(a).toEqual(b);
  });

  it('answers JSON that carries the file in base64, with JSON', async () => {
    const json = JSON.stringify({ image: { b64: (await obliqueBlock()).toString('base64') } });
    const [theirs, mine] = await both(Buffer.from(json), { 'content-type': 'application/json' });
    expect([theirs.status, mine.status]).toEqual([200, 200]);
    const files = [theirs, mine].map((reply) => {
      const { prediction } = JSON.parse(reply.body.toString()) as { prediction: { b64: string } };
      return Buffer.from(prediction.b64, 'base64');
    });
    expect(await labelsOf(files[0]!)).toEqual(await labelsOf(files[1]!));
  });

  it.each([
    ['bytes that are no msgpack', Buffer.from([0xc1, 0xc1])],
    ['a volume that is cut short', demoScan().subarray(0, 5000)],
    ['a NIfTI header without voxels', Buffer.concat([Buffer.from([0x5c, 1, 0, 0]), Buffer.alloc(400)])],
  ])('refuses %s with status 400 and a reason, and goes on', async (_title, body) => {
    const [theirs, mine] = await both(body);
    expect([theirs.status, mine.status]).toEqual([400, 400]);
    for (const reply of [theirs, mine]) expect(JSON.parse(reply.body.toString())).toHaveProperty('message');
    const [after] = await both(new Uint8Array(0));
    expect(after.status).toBe(200);
  });
});
