import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { readNifti } from '../../../../src/core/imaging/nifti/read.js';
import { encodeNifti } from '../../../../src/core/imaging/nifti/write.js';
import type { Metadata } from '../../../../src/core/metadata/metadata.js';
import { encodeField, encodeVarint, encodeVarintField, joinBytes } from '../../../../src/core/onnx/wire-write.js';
import type { JobReply, ModelRuntime, ModelSettings } from '../../../../src/core/serving/model-runtime.js';
import { createModelRuntime } from '../../../../src/core/serving/pool/create-model-runtime.js';
import { createNodeLauncher } from '../../../../src/core/serving/pool/node-launcher.js';
import { runLocally } from '../../../../src/core/serving/pool/run-locally.js';
import { createWorkerHost } from '../../../../src/core/serving/pool/worker-host.js';
import { decodeFields, encodeFields } from '../../../../src/core/tensor/msgpack.js';
import { createNdArray, type NdArray, wrapNdArray } from '../../../../src/core/tensor/ndarray.js';
import type { Fields } from '../../../../src/core/tensor/value.js';
import { codeOfAsync } from '../../../support/codes.js';
import { IDENTITY_METADATA, writeModelArchive } from '../../../support/model-archive.js';
import { createScratchFolder } from '../../../support/scratch-folder.js';
import { encodeAttribute, encodeNode, encodeTinyModel, identityModel } from '../../../support/tiny-onnx.js';
import { until } from '../../../support/until.js';
import { isAlive } from '../../../support/workers/is-alive.js';
import { SETTINGS } from '../../../support/workers/scripted-pool.js';

// Processes start and die here: a busy machine may take its time.
jest.setTimeout(120_000);

const folder = createScratchFolder();
const host = createWorkerHost();
const runtimes: ModelRuntime[] = [];

afterAll(async () => {
  await Promise.all(runtimes.map((runtime) => runtime.stop({ drainMs: 0 })));
  host.close();
});

function openModel(archivePath: string, settings: Partial<ModelSettings> = {}): ModelRuntime {
  const all = { ...SETTINGS, ...settings };
  const launcher = createNodeLauncher({ modelName: 'tiny', archivePath, batchSize: all.batchSize });
  const runtime = createModelRuntime({
    ...{ host, name: 'tiny', version: '1.0', archivePath, metadata: null },
    settings: all,
    launcher,
  });
  runtimes.push(runtime);
  return runtime;
}

let id = 0;
function ask(
  runtime: ModelRuntime,
  body: readonly Uint8Array[],
  extra: { headers?: [string, string][]; contentType?: string } = {},
): Promise<JobReply> {
  id += 1;
  const { headers = [], contentType = '' } = extra;
  return runtime.submit({
    requestId: `r${id}`,
    kind: 'predict',
    headers,
    parameters: [{ name: 'body', contentType, value: body }],
  });
}

const pack = (name: string, array: NdArray): Uint8Array[] => encodeFields(new Map([[name, { kind: 'array', array }]]));
const fieldsOf = (reply: JobReply): Fields => decodeFields(Buffer.concat(reply.body));
const jsonOf = (reply: JobReply): unknown => JSON.parse(Buffer.concat(reply.body).toString());
function arrayOf(reply: JobReply, name: string): NdArray {
  const value = fieldsOf(reply).get(name);
  if (value?.kind !== 'array') throw new Error(`${name} is no array`);
  return value.array;
}
const cube = (fill: number, n = 2): NdArray =>
  wrapNdArray('float32', [1, 1, n, n, n], new Float32Array(n ** 3).fill(fill));

describe('an archive on a Node worker', () => {
  it('answers arrays, files, empty bodies, maps without inputs and garbage as the original does, each row for itself', async () => {
    const runtime = openModel(await writeModelArchive({ folder, name: 'plain' }));
    await runtime.scale({ min: 1, max: 1 });
    const good = await ask(runtime, pack('image', wrapNdArray('int16', [1, 1, 1, 1, 2], Int16Array.of(-3, 4))));
    expect(good).toMatchObject({ status: 200, contentType: 'application/msgpack', headers: [] });
    expect([...arrayOf(good, 'prediction').data]).toEqual([-3, 4]);
    expect(good.timing).toMatchObject({ decodeMs: expect.any(Number), inferenceMs: expect.any(Number) });
    const warning = ['X-Eisen-Warning', 'no prediction but the metadata: missing "image"; found "other"'];
    for (const [body, headers] of [
      [[], []],
      [pack('other', cube(1)), [warning]],
    ] as const) {
      const reply = await ask(runtime, body);
      expect(reply).toMatchObject({ status: 200, contentType: 'application/json', headers });
      expect(jsonOf(reply)).toEqual(IDENTITY_METADATA);
    }
    const asVolume = await ask(runtime, pack('imgae', cube(1)), { headers: [['Accept', 'application/x-nifti']] });
    expect(asVolume.status).toBe(400);
    expect(jsonOf(asVolume)).toMatchObject({
      message: 'inputs: missing "image"; found "imgae"; is "imgae" meant to be "image"?',
      detail: { code: 'MODEL_INPUT', expected: '"image"', found: '"imgae"' },
    });
    const bad = await ask(runtime, [Buffer.from('c1', 'hex')]);
    expect(bad.status).toBe(400);
    expect(jsonOf(bad)).toMatchObject({ code: 400, type: 'BadRequestException', detail: { code: 'BODY_UNDECODABLE' } });
    const wrong = await ask(runtime, pack('image', createNdArray('float32', [2, 2])));
    expect(jsonOf(wrong)).toMatchObject({ code: 400, message: expect.stringContaining('[2, 2]') });
    expect((await ask(runtime, pack('image', cube(1)), { headers: [['Accept', 'application/pdf']] })).status).toBe(406);
    const described = await runtime.submit({
      requestId: 'd',
      kind: 'describe',
      headers: [['describe', 'True']],
      parameters: [],
    });
    expect(jsonOf(described)).toEqual(IDENTITY_METADATA);
  });

  it('gives a volume back on its own grid, gzipped when it came so', async () => {
    const metadata: Metadata = {
      ...IDENTITY_METADATA,
      inputs: [{ name: 'image', type: 'nifti', shape: [-1, -1, -1] }],
      outputs: [{ name: 'prediction', type: 'nifti', shape: [-1] }],
    };
    const archivePath = await writeModelArchive({
      ...{ folder, name: 'volume', metadata },
      model: identityModel(['x', 'y', 'z']),
      pre: [{ type: 'LoadImage', params: { fields: ['image'] } }],
      post: [{ type: 'WriteNifti', params: { fields: ['prediction'], reference: 'image' } }],
    });
    const affine = [2, 0.1, 0, -90, 0, 2, 0, -126, 0, 0, 2.5, -72, 0, 0, 0, 1];
    const geometry = {
      affine,
      spatialAxes: [0, 1, 2] as const,
      original: { shape: [2, 3, 4], affine, source: 'array' as const },
    };
    const array = wrapNdArray(
      'float32',
      [2, 3, 4],
      Float32Array.from({ length: 24 }, (_, n) => n),
    );
    const sent = Buffer.concat(encodeNifti({ array, geometry, compress: true }));
    const reply = await runLocally({
      ...{ archivePath, headers: [['accept', 'application/x-nifti']] },
      parameters: [{ name: 'body', contentType: '', value: [sent] }],
    });
    expect(reply.contentType).toBe('application/x-nifti');
    const bytes = Buffer.concat(reply.body);
    expect(bytes.subarray(0, 2).toString('hex')).toBe('1f8b');
    const back = readNifti({ bytes });
    expect(back.geometry!.affine).toEqual(readNifti({ bytes: sent }).geometry!.affine);
    expect(back.array.shape).toEqual([2, 3, 4]);
  });

  it('runs rows of one shape as one batch, and a bad row fails alone', async () => {
    const runtime = openModel(await writeModelArchive({ folder, name: 'batch' }), {
      batchSize: 4,
      maxBatchDelayMs: 2000,
    });
    await runtime.scale({ min: 1, max: 1 });
    const same = await Promise.all([1, 2, 3, 4].map((n) => ask(runtime, pack('image', cube(n)))));
    expect(same.map((reply) => arrayOf(reply, 'prediction').data[0])).toEqual([1, 2, 3, 4]);
    expect(new Set(same.map(({ timing }) => timing['inferenceMs'])).size).toBe(1);
    const mixed = await Promise.all([
      ask(runtime, pack('image', cube(7))),
      ask(runtime, [Buffer.from('c1', 'hex')]),
      ask(runtime, []),
      ask(runtime, pack('image', cube(8, 3))),
    ]);
    expect(mixed.map(({ status }) => status)).toEqual([200, 400, 200, 200]);
    expect(arrayOf(mixed[3]!, 'prediction').shape).toEqual([1, 1, 3, 3, 3]);
  });

  it('whose model is no ONNX file is refused when its worker starts', async () => {
    const archivePath = await writeModelArchive({ folder, name: 'broken', model: Buffer.from('not a model') });
    expect(await codeOfAsync(openModel(archivePath).scale({ min: 1, max: 1 }))).toBe('WORKER_START_FAILED');
  });
});

const zeros = (count: number): Uint8Array => new Uint8Array(count);
const shapeOf = (...axes: number[]): Uint8Array => new Uint8Array(BigInt64Array.from(axes.map(BigInt)).buffer);

/** A graph whose Loop runs 2^62 times. */
function endlessModel(): Uint8Array {
  const name = (number: number, text: string): Uint8Array => encodeField(number, text);
  const typed = (text: string, type: number): Uint8Array =>
    joinBytes([
      name(1, text),
      encodeField(2, encodeField(1, joinBytes([encodeVarintField(1, type), encodeField(2, zeros(0))]))),
    ]);
  const body = joinBytes([
    encodeField(1, encodeNode({ op: 'Identity', inputs: ['go'], outputs: ['go2'] })),
    encodeField(1, encodeNode({ op: 'Add', inputs: ['s', 's'], outputs: ['s2'] })),
    name(2, 'body'),
    ...[encodeField(11, typed('i', 7)), encodeField(11, typed('go', 9)), encodeField(11, typed('s', 1))],
    ...[encodeField(12, typed('go2', 9)), encodeField(12, typed('s2', 1))],
  ]);
  return encodeTinyModel({
    inputs: [{ name: 'image', shape: [] }],
    outputs: [{ name: 'prediction', shape: [] }],
    nodes: [
      {
        op: 'Loop',
        inputs: ['count', 'true', 'image'],
        outputs: ['prediction'],
        attributes: [encodeAttribute('body', [encodeField(6, body)], 5)],
      },
    ],
    initializers: [
      { name: 'count', dims: [], type: 7, raw: new Uint8Array(BigInt64Array.of(2n ** 62n).buffer) },
      { name: 'true', dims: [], type: 9, raw: Uint8Array.of(1) },
    ],
  });
}

/** A graph that makes a constant of so many bytes out of nothing while it is loaded. */
function hugeConstantModel(elements: number): Uint8Array {
  return encodeTinyModel({
    inputs: [{ name: 'image', shape: ['n'] }],
    outputs: [{ name: 'prediction', shape: ['n'] }],
    nodes: [
      { op: 'ConstantOfShape', inputs: ['shape'], outputs: ['big'] },
      { op: 'ReduceSum', inputs: ['big'], outputs: ['sum'] },
      { op: 'Add', inputs: ['image', 'sum'], outputs: ['prediction'] },
    ],
    initializers: [{ name: 'shape', dims: [1], type: 7, raw: shapeOf(elements) }],
  });
}

describe('a hostile model costs a worker and nothing else', () => {
  const arrays = (inputs: string[], outputs: string[]): Metadata => ({
    inputs: inputs.map((name) => ({ name, type: 'ndarray', shape: [] })),
    outputs: outputs.map((name) => ({ name, type: 'ndarray', shape: [] })),
  });
  const metadata = arrays(['image'], ['prediction']);

  it('when it never ends', async () => {
    const runtime = openModel(await writeModelArchive({ folder, name: 'endless', model: endlessModel(), metadata }), {
      responseTimeoutMs: 700,
    });
    await runtime.scale({ min: 1, max: 1 });
    const { pid } = runtime.workers[0]!;
    expect(await codeOfAsync(ask(runtime, pack('image', wrapNdArray('float32', [], Float32Array.of(0)))))).toBe(
      'RESPONSE_TIMEOUT',
    );
    expect(isAlive(pid)).toBe(false);
  });

  it('when it fills memory as it is loaded', async () => {
    const archivePath = await writeModelArchive({
      folder,
      name: 'huge',
      model: hugeConstantModel(800_000_000),
      metadata,
    });
    const runtime = openModel(archivePath, { memoryLimitBytes: 400 * 1024 * 1024 });
    const failure = await codeOfAsync(
      runtime.scale({ min: 1, max: 1 }).then(() => ask(runtime, pack('image', createNdArray('float32', [1])))),
    );
    expect(failure).toBe('WORKER_OUT_OF_MEMORY');
  });

  it.each([
    ['is empty', zeros(0)],
    ['is all zeros', zeros(200)],
    ['is cut off', identityModel().subarray(0, 60)],
    ['claims lengths past its end', joinBytes([encodeVarintField(1, 8), Uint8Array.of(0x3a), encodeVarint(2 ** 31)])],
    [
      'names an operator that does not exist',
      encodeTinyModel({
        inputs: [{ name: 'image', shape: [1] }],
        outputs: [{ name: 'prediction', shape: [1] }],
        nodes: [{ op: 'NoSuch', inputs: ['image'], outputs: ['prediction'] }],
      }),
    ],
    [
      'runs in a circle',
      encodeTinyModel({
        inputs: [{ name: 'image', shape: [1] }],
        outputs: [{ name: 'prediction', shape: [1] }],
        nodes: [{ op: 'Add', inputs: ['prediction', 'image'], outputs: ['prediction'] }],
      }),
    ],
  ])('when it %s', async (what, model) => {
    const runtime = openModel(
      await writeModelArchive({ folder, name: `h-${what.replaceAll(' ', '-')}`, model, metadata }),
    );
    expect(await codeOfAsync(runtime.scale({ min: 1, max: 1 }))).toBe('WORKER_START_FAILED');
    await runtime.stop({ drainMs: 0 });
  });
});

describe('when the server is gone', () => {
  const SERVER = `
    const [root, archivePath, body, link] = process.argv.slice(1);
    const { createWorkerHost } = await import(root + '/worker-host.js');
    const { createModelRuntime } = await import(root + '/create-model-runtime.js');
    const { createNodeLauncher } = await import(root + '/node-launcher.js');
    const settings = ${JSON.stringify(SETTINGS)};
    const runtime = createModelRuntime({ host: createWorkerHost({ folderParent: process.cwd() }), name: 'm', version: '1', archivePath, metadata: null, settings,
      launcher: createNodeLauncher({ modelName: 'm', archivePath, batchSize: 1, ...(link === 'none' ? { parentLink: null } : {}) }) });
    await runtime.scale({ min: 2, max: 2 });
    if (body !== '') for (let n = 0; n < 2; n += 1) runtime.submit({ requestId: 'x', kind: 'predict', headers: [], parameters: [{ name: 'body', contentType: '', value: [Buffer.from(body, 'hex')] }] });
    setTimeout(() => console.log(runtime.workers.map(({ pid }) => pid).join(' ')), 100);
  `;
  const ENDLESS = Buffer.concat(pack('image', wrapNdArray('float32', [], Float32Array.of(0)))).toString('hex');
  it.each([
    ['idle', identityModel(), '', 'kernel'],
    ['busy in native code', endlessModel(), ENDLESS, 'kernel'],
    ['idle, where the kernel cannot help', identityModel(), '', 'none'],
    ['busy in native code, where the kernel cannot help', endlessModel(), ENDLESS, 'none'],
  ])('killed, not even able to say so, no worker stays: %s', async (what, model, body, link) => {
    const metadata: Metadata = {
      inputs: [{ name: 'image', type: 'ndarray', shape: [] }],
      outputs: [{ name: 'prediction', type: 'ndarray', shape: [] }],
    };
    const archivePath = await writeModelArchive({ folder, name: `orphan-${what.length}`, model, metadata });
    const root = path.resolve(import.meta.dirname, '..', '..', '..', '..', 'src', 'core', 'serving', 'pool');
    const server = spawn(process.execPath, ['--input-type=module', '-e', SERVER, root, archivePath, body, link], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const printed = await new Promise<string>((resolve) =>
      server.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    const pids = printed.trim().split(' ').map(Number);
    expect(pids.map(isAlive)).toEqual([true, true]);
    server.kill('SIGKILL');
    await until(() => !pids.some(isAlive));
    createWorkerHost({ folderParent: folder }).close();
    expect(readdirSync(folder).filter((name) => name.startsWith('eisen-deploy-'))).toEqual([]);
  });
});

describe('a prediction without a server', () => {
  it('leaves neither process nor folder, and can be cancelled', async () => {
    const archivePath = await writeModelArchive({
      folder,
      name: 'local',
      model: endlessModel(),
      metadata: {
        inputs: [{ name: 'image', type: 'ndarray', shape: [] }],
        outputs: [{ name: 'prediction', type: 'ndarray', shape: [] }],
      },
    });
    const cancel = new AbortController();
    const stages: string[] = [];
    const value = pack('image', wrapNdArray('float32', [], Float32Array.of(0)));
    const run = runLocally({
      ...{ archivePath, headers: [], parameters: [{ name: 'body', contentType: '', value }], signal: cancel.signal },
      onStage: (stage) => {
        stages.push(stage);
        if (stage === 'predicting') setTimeout(() => cancel.abort(), 100);
      },
    });
    expect(await codeOfAsync(run)).toBe('CANCELLED');
    expect(stages).toEqual(['loading', 'predicting']);
  });

  it('sees an archive that was replaced on disk only at its next start', async () => {
    const archivePath = await writeModelArchive({ folder, name: 'swap' });
    const runtime = openModel(archivePath);
    await runtime.scale({ min: 1, max: 1 });
    writeFileSync(`${archivePath}.new`, readFileSync(archivePath).subarray(0, 100));
    renameSync(`${archivePath}.new`, archivePath);
    expect((await ask(runtime, pack('image', cube(1)))).status).toBe(200);
    expect(existsSync(archivePath)).toBe(true);
  });
});
