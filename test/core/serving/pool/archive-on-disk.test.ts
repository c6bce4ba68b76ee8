import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { type ArchiveFormat, packArchive } from '../../../../src/core/archive/pack-archive.js';
import { wrapBytes } from '../../../../src/core/files/byte-source.js';
import { splitWeights } from '../../../../src/core/onnx/external-data.js';
import { isRange, type RewrittenPiece } from '../../../../src/core/onnx/rewrite-tensors.js';
import type { ModelRuntime } from '../../../../src/core/serving/model-runtime.js';
import { createModelRuntime } from '../../../../src/core/serving/pool/create-model-runtime.js';
import { createNodeLauncher } from '../../../../src/core/serving/pool/node-launcher.js';
import { createWorkerHost } from '../../../../src/core/serving/pool/worker-host.js';
import { createScratchFolder } from '../../../support/scratch-folder.js';
import { addModel } from '../../../support/tiny-onnx.js';
import { SETTINGS } from '../../../support/workers/scripted-pool.js';

// Processes start here: a busy machine may take its time.
jest.setTimeout(120_000);

const folder = createScratchFolder();
const cache = path.join(folder, 'cache');
const host = createWorkerHost();
const runtimes: ModelRuntime[] = [];
/** Enough for the packer to store the weights, and the engine to map them. */
const COUNT = 50_000;

afterAll(async () => {
  await Promise.all(runtimes.map((runtime) => runtime.stop({ drainMs: 0 })));
  host.close();
});

/** prediction = image + `weight`, with the weights in an entry of their own. */
async function pack(name: string, weight: number, format: ArchiveFormat = 'default'): Promise<string> {
  const model = addModel(COUNT, () => weight);
  const { graph, weights } = splitWeights(wrapBytes(model), 'weights.bin');
  const take = (pieces: readonly RewrittenPiece[]): Uint8Array[] =>
    pieces.map((piece) => (isRange(piece) ? model.subarray(piece.start, piece.end) : piece));
  const entries = [
    { name: 'model.onnx', content: take(graph) },
    { name: 'weights.bin', content: take(weights) },
  ];
  const target = path.join(folder, name);
  await packArchive({ entries, manifest: '{"model":{}}', format, modelName: 'm', target, force: true });
  return target;
}

async function open(archivePath: string, workers = 1): Promise<ModelRuntime> {
  const env = { ...process.env, EISEN_DEPLOY_CACHE: cache };
  const runtime = createModelRuntime({
    ...{ host, name: 'm', version: '1', archivePath, metadata: null, settings: { ...SETTINGS, maxWorkers: workers } },
    launcher: createNodeLauncher({ modelName: 'm', archivePath, batchSize: 1, env }),
  });
  runtimes.push(runtime);
  await runtime.scale({ min: workers, max: workers });
  return runtime;
}

/** The weight that the worker adds. */
async function askWeight(runtime: ModelRuntime): Promise<unknown> {
  const value = [Buffer.from(JSON.stringify({ image: [new Array(COUNT).fill(0)] }))];
  const reply = await runtime.submit({
    ...{ requestId: 'r', kind: 'predict', headers: [] },
    parameters: [{ name: 'body', contentType: 'application/json', value }],
  });
  const json = JSON.parse(Buffer.concat(reply.body).toString()) as { prediction?: number[][] };
  return json.prediction?.[0]?.at(-1) ?? json;
}

describe('the archive of a running worker', () => {
  it('may be replaced by a rename and then deleted: the worker keeps its mapped weights, the next one takes the new', async () => {
    const archivePath = await pack('swap.mar', 5);
    const old = await open(archivePath);
    expect(await askWeight(old)).toBe(5);
    expect(existsSync(cache)).toBe(false);
    renameSync(await pack('swap-next.mar', 6), archivePath);
    expect(await askWeight(old)).toBe(5);
    const next = await open(archivePath);
    expect(await askWeight(next)).toBe(6);
    rmSync(archivePath);
    expect([await askWeight(old), await askWeight(next)]).toEqual([5, 6]);
    expect(existsSync(archivePath)).toBe(false);
  });

  it('may hold compressed weights: they are unpacked once for all workers, and cleaning the cache hurts none', async () => {
    const archivePath = await pack('packed.tar.gz', 7, 'tgz');
    const first = await open(archivePath, 2);
    expect(await askWeight(first)).toBe(7);
    const second = await open(archivePath);
    expect(readdirSync(cache)).toHaveLength(1);
    rmSync(cache, { recursive: true });
    expect([await askWeight(first), await askWeight(second)]).toEqual([7, 7]);
    expect(await askWeight(await open(archivePath))).toBe(7);
  });
});
