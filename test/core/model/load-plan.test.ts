import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openContentCache } from '../../../src/core/archive/content-cache.js';
import { openArchive } from '../../../src/core/archive/open-archive.js';
import { type ArchiveFormat, packArchive } from '../../../src/core/archive/pack-archive.js';
import type { PackEntry } from '../../../src/core/archive/pack-content.js';
import { wrapBytes } from '../../../src/core/files/byte-source.js';
import { findModelEntry, planModelLoad } from '../../../src/core/model/load-plan.js';
import { mapsWeights, paysPrepacking } from '../../../src/core/model/prepacking.js';
import { splitWeights } from '../../../src/core/onnx/external-data.js';
import { readOnnxGraph } from '../../../src/core/onnx/read-graph.js';
import { isRange } from '../../../src/core/onnx/rewrite-tensors.js';
import { addModel, encodeTinyModel, identityModel } from '../../support/tiny-onnx.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'eisen-plan-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function pack(
  entries: readonly PackEntry[],
  format: ArchiveFormat = 'default',
  model: object = {},
): Promise<string> {
  const target = path.join(
    mkdtempSync(path.join(folder, 'store-')),
    { tgz: 'm.tar.gz', 'no-archive': 'm' }[format as string] ?? 'm.mar',
  );
  await packArchive({ entries, manifest: JSON.stringify({ model }), format, modelName: 'm', target, force: false });
  return target;
}

function splitEntries(model: Uint8Array): PackEntry[] {
  const { graph, weights } = splitWeights(wrapBytes(model), 'weights.bin');
  const take = (pieces: typeof graph): Uint8Array[] =>
    pieces.map((piece) => (isRange(piece) ? model.subarray(piece.start, piece.end) : piece));
  return [
    { name: 'model.onnx', content: take(graph) },
    { name: 'weights.bin', content: take(weights) },
  ];
}

describe('planModelLoad', () => {
  it('takes a model with inline weights as it is', async () => {
    const model = addModel(8);
    const plan = await planModelLoad(await openArchive(await pack([{ name: 'model.onnx', content: [model] }])));
    expect(plan).toMatchObject({ entry: 'model.onnx', mapWeights: false });
    expect(plan.weightsFolder).toBeUndefined();
    expect(Buffer.from(plan.model).equals(Buffer.from(model))).toBe(true);
  });

  it.each<[ArchiveFormat, string]>([
    ['default', 'm.mar'],
    ['zip-store', 'm.mar'],
    ['no-archive', 'weights.bin'],
  ])('points weights of a %s archive to the bytes where they lie', async (format, file) => {
    const model = addModel(50_000, (index) => index / 2);
    const target = await pack(splitEntries(model), format);
    const plan = await planModelLoad(await openArchive(target));
    const [data] = readOnnxGraph(plan.model).externalData;
    expect(data).toMatchObject({ location: file, length: 200_000 });
    const bytes = readFileSync(path.join(plan.weightsFolder!, data!.location)).subarray(
      data!.offset,
      data!.offset + 200_000,
    );
    expect(new Float32Array(new Uint8Array(bytes).buffer)[49_999]).toBe(49_999 / 2);
    expect(data!.offset % 4096).toBe(0);
  });

  it('unpacks compressed weights into the cache and points there', async () => {
    const archive = await openArchive(await pack(splitEntries(addModel(50_000, (index) => index / 2)), 'tgz'));
    const cache = path.join(folder, 'cache');
    const plan = await planModelLoad(archive, { openCache: () => openContentCache({ folder: cache }) });
    const [data] = readOnnxGraph(plan.model).externalData;
    expect(data).toMatchObject({ location: expect.stringMatching(/^[0-9a-f]{64}$/), offset: 0, length: 200_000 });
    const bytes = readFileSync(path.join(plan.weightsFolder!, data!.location));
    expect(new Float32Array(new Uint8Array(bytes).buffer)[49_999]).toBe(49_999 / 2);
    expect(plan.isCurrent()).toBe(true);
    rmSync(path.join(cache, data!.location));
    expect(plan.isCurrent()).toBe(false);
  });

  it('only looks at compressed weights where there is no cache, and writes nothing', async () => {
    const archive = await openArchive(await pack(splitEntries(addModel(50_000)), 'tgz'));
    expect((await planModelLoad(archive)).graph.externalData[0]).toMatchObject({ location: 'weights.bin' });
  });

  it.each([['weights.bin'], ['../../../etc/passwd'], ['/etc/passwd']])(
    'refuses weights in %s, which is no entry of the archive',
    async (location) => {
      const model = encodeTinyModel({
        inputs: [],
        outputs: [],
        nodes: [],
        initializers: [{ name: 'w', dims: [2], external: { location, offset: '0', length: '8' } }],
      });
      const archive = await openArchive(await pack([{ name: 'model.onnx', content: [model] }]));
      await expect(planModelLoad(archive)).rejects.toMatchObject({ code: 'ONNX_EXTERNAL' });
    },
  );

  it('refuses weights that reach past their entry into the rest of the archive', async () => {
    const external = { location: 'weights.bin', offset: '0', length: '400' };
    const model = encodeTinyModel({
      inputs: [],
      outputs: [],
      nodes: [],
      initializers: [{ name: 'w', dims: [100], external }],
    });
    const entries = [
      { name: 'model.onnx', content: [model] },
      { name: 'weights.bin', content: [new Uint8Array(100)] },
    ];
    const archive = await openArchive(await pack(entries, 'zip-store'));
    await expect(planModelLoad(archive)).rejects.toMatchObject({ code: 'ONNX_EXTERNAL' });
  });

  it('notices that the archive was replaced under it', async () => {
    const target = await pack(splitEntries(addModel(50_000)));
    const plan = await planModelLoad(await openArchive(target));
    expect(plan.isCurrent()).toBe(true);
    writeFileSync(`${target}.new`, readFileSync(target));
    renameSync(`${target}.new`, target);
    expect(plan.isCurrent()).toBe(false);
  });
});

describe('findModelEntry', () => {
  it('prefers the file that the manifest names', async () => {
    const entries = ['a.onnx', 'b.onnx'].map((name) => ({ name, content: [identityModel()] }));
    expect(findModelEntry(await openArchive(await pack(entries, 'default', { serializedFile: 'b.onnx' })))).toBe(
      'b.onnx',
    );
    const unnamed = await openArchive(await pack(entries));
    expect(() => findModelEntry(unnamed)).toThrow(expect.objectContaining({ code: 'MODEL_LOAD_FAILED' }));
  });
});

describe('paysPrepacking', () => {
  const weighted = (op: string, dims: readonly number[]): boolean =>
    paysPrepacking(
      readOnnxGraph(
        encodeTinyModel({
          inputs: [],
          outputs: [],
          nodes: [{ op, inputs: [], outputs: [] }],
          initializers: [{ name: 'w', dims }],
        }),
      ),
    );

  it.each<[string, readonly number[], boolean]>([
    ['MatMul', [1024, 1024], true],
    ['Gemm', [1000, 512], true],
    ['Conv', [64, 64, 3, 3, 3], false],
    ['MatMul', [64, 64, 3, 3, 3], false],
  ])('%s with weights %j: %s', (op, dims, expected) => {
    expect(weighted(op, dims)).toBe(expected);
  });
});

describe('mapsWeights', () => {
  const product = readOnnxGraph(
    encodeTinyModel({
      ...{ inputs: [], outputs: [], nodes: [{ op: 'MatMul', inputs: [], outputs: [] }] },
      initializers: [{ name: 'w', dims: [64, 64] }],
    }),
  );
  const other = readOnnxGraph(identityModel());

  it.each([
    ['auto', false, true],
    ['always', false, false],
    ['never', true, true],
  ] as const)('%s: a model of matrix products %s, another %s', (prepacking, products, others) => {
    expect([mapsWeights(product, prepacking), mapsWeights(other, prepacking)]).toEqual([products, others]);
  });
});
