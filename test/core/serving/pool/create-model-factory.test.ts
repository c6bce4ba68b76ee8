import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { packArchive } from '../../../../src/core/archive/pack-archive.js';
import { runError } from '../../../../src/core/model/session.js';
import { createServerConfig } from '../../../../src/core/serving/config/create-server-config.js';
import { parseProperties } from '../../../../src/core/serving/config/properties.js';
import { createModelFactory } from '../../../../src/core/serving/pool/create-model-factory.js';
import { createWorkerHost } from '../../../../src/core/serving/pool/worker-host.js';
import { codeOfAsync } from '../../../support/codes.js';
import { IDENTITY_METADATA, writeModelArchive } from '../../../support/model-archive.js';
import { createScratchFolder } from '../../../support/scratch-folder.js';
import { identityModel } from '../../../support/tiny-onnx.js';

const folder = createScratchFolder();
const host = createWorkerHost({ firstWorkerId: 12_000 });
afterAll(() => host.close());

function factoryOf(properties = ''): ReturnType<typeof createModelFactory> {
  const { config } = createServerConfig({
    ...{ properties: parseProperties(`model_store=store\n${properties}`, 'test'), env: {}, flags: {}, cwd: folder },
  });
  return createModelFactory({ config, host });
}

async function writeConfigured(name: string, yaml: string): Promise<string> {
  const manifest = {
    runtime: 'python3',
    model: { modelName: name, modelVersion: '2.0', serializedFile: 'model.onnx', configFile: 'c.yaml' },
  };
  const packed = await packArchive({
    entries: [
      { name: 'model.onnx', content: [identityModel()] },
      { name: 'c.yaml', content: [Buffer.from(yaml)] },
    ],
    ...{ manifest: JSON.stringify(manifest), format: 'default', modelName: name, force: true },
    target: path.join(folder, `${name}.mar`),
  });
  return packed.path;
}

describe('a model made of an archive', () => {
  it('takes name, version and metadata from it, and has no worker yet', async () => {
    const archivePath = await writeModelArchive({ folder, name: 'plain' });
    const { runtime, wantedWorkers } = await factoryOf()({ archivePath, settings: {} });
    expect(runtime).toMatchObject({
      name: 'plain',
      version: '1.0',
      archivePath,
      metadata: IDENTITY_METADATA,
      workers: [],
    });
    expect(runtime.ready).toBe(false);
    expect(wantedWorkers).toBeNull();
    await runtime.stop({ drainMs: 1000 });
  });

  it('never runs on another file than the one that it was made of', async () => {
    const archivePath = await writeModelArchive({ folder, name: 'swapped' });
    const { runtime } = await factoryOf()({ archivePath, settings: {} });
    writeFileSync(`${archivePath}.next`, readFileSync(archivePath));
    renameSync(`${archivePath}.next`, archivePath);
    expect(await codeOfAsync(runtime.scale({ min: 1, max: 1 }))).toBe('ARCHIVE_REPLACED');
    await runtime.stop({ drainMs: 0 });
  });

  it('is called as the request says', async () => {
    const archivePath = await writeModelArchive({ folder, name: 'plain' });
    const { runtime, runtimeName } = await factoryOf()({
      archivePath,
      name: 'other',
      runtimeName: 'LSP',
      settings: {},
    });
    expect([runtime.name, runtimeName]).toEqual(['other', 'LSP']);
  });

  it('settles its settings: the request wins over the configuration, that over the archive, that over the defaults', async () => {
    const archivePath = await writeConfigured(
      'tuned',
      'minWorkers: 2\nmaxWorkers: 3\nbatchSize: 4\nmaxBatchDelay: 5\nresponseTimeout: 6\n',
    );
    const models = JSON.stringify({ tuned: { '2.0': { batchSize: 7, maxBatchDelay: 8 } } });
    const { runtime, runtimeName, wantedWorkers } = await factoryOf(`job_queue_size=9\nmodels=${models}`)({
      ...{ archivePath, settings: { maxBatchDelayMs: 10 } },
    });
    expect(runtime.settings).toMatchObject({
      ...{ minWorkers: 2, maxWorkers: 3, batchSize: 7, maxBatchDelayMs: 10, responseTimeoutMs: 6000, jobQueueSize: 9 },
    });
    expect([runtime.version, runtimeName, wantedWorkers]).toEqual(['2.0', 'python3', { min: 2, max: 3 }]);
  });

  it.each([
    ['a device that is not there', 'deviceType: gpu', 'DEVICE_UNAVAILABLE'],
    ['a setting that is no number', 'batchSize: many', 'CONFIG_INVALID'],
  ])('is refused for %s', async (_name, yaml, code) => {
    const archivePath = await writeConfigured('refused', yaml);
    expect(await codeOfAsync(factoryOf()({ archivePath, settings: {} }))).toBe(code);
  });

  it('is refused when only its own code can run it and nobody has allowed that', async () => {
    const packed = await packArchive({
      entries: [{ name: 'handlers.py', content: [Buffer.from('raise SystemExit')] }],
      manifest: JSON.stringify({ runtime: 'python', model: { modelName: 'legacy', handler: 'handlers.py' } }),
      ...{ format: 'default' as const, modelName: 'legacy', target: path.join(folder, 'legacy.mar'), force: true },
    });
    expect(await codeOfAsync(factoryOf()({ archivePath: packed.path, settings: {} }))).toBe('MAR_LEGACY_PICKLE');
  });

  it('is refused without a name', async () => {
    const packed = await packArchive({
      entries: [{ name: 'model.onnx', content: [identityModel()] }],
      ...{ manifest: '{"model":{}}', format: 'default' as const, modelName: 'nameless', force: true },
      target: path.join(folder, 'nameless.mar'),
    });
    expect(await codeOfAsync(factoryOf()({ archivePath: packed.path, settings: {} }))).toBe('MAR_MANIFEST');
  });
});

describe('what the engine says of a failed run', () => {
  it.each([
    ['[ONNXRuntimeError] : 1 : FAIL : Non-zero status code returned', 'MODEL_FAILED', /Non-zero status/],
    [
      'Error: [ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Failed to allocate memory for requested buffer',
      'MODEL_OUT_OF_MEMORY',
      /ran out of memory/,
    ],
    ['std::bad_alloc', 'MODEL_OUT_OF_MEMORY', /bad_alloc/],
  ])('%s', (text, code, message) => {
    const error = runError(new Error(text));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/ONNXRuntimeError/);
  });
});
