import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type PackageCommandOptions, packageCommand } from '../../src/commands/package.js';
import { openArchive } from '../../src/core/archive/open-archive.js';
import { recordOutput } from '../support/record-output.js';
import { createScratchFolder } from '../support/scratch-folder.js';
import { addModel, identityModel } from '../support/tiny-onnx.js';

const folder = createScratchFolder();
const at = (...parts: string[]): string => path.join(folder, ...parts);
const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content);
  return at(name);
};

const METADATA = {
  inputs: [{ name: 'image', type: 'ndarray', shape: [-1, 1, -1, -1, -1] }],
  outputs: [{ name: 'prediction', type: 'ndarray', shape: [-1, 1, -1, -1, -1] }],
  model_input_list: ['image'],
  model_output_list: ['prediction'],
  custom: {},
};

async function run(options: Partial<PackageCommandOptions>, env: Record<string, string> = {}, signal?: AbortSignal) {
  const record = recordOutput({ json: options.json });
  const stderr = { isTTY: false, write: () => true };
  const code = await packageCommand(
    { runtime: 'python', archiveFormat: 'default', ...options },
    { env, stderr, output: record.output, signal },
  );
  return { code, stdout: record.stdout(), stderr: record.stderr() };
}

beforeAll(() => {
  put('m.onnx', identityModel());
  put('metadata.json', JSON.stringify(METADATA));
  put('chain.json', JSON.stringify([{ type: 'FilterFields', params: { fields: ['image'] } }]));
  put('handler.py', 'def handle(data, context): return data\n');
});

const basic = (): Partial<PackageCommandOptions> => ({ model: at('m.onnx'), modelName: 'brain', version: '1.0' });

describe('package --model', () => {
  it('interrupted while the engine tries the model was cancelled: no fault of the program', async () => {
    const options = { ...basic(), metadata: at('metadata.json'), exportPath: at('gone') };
    const packing = run(options, {}, AbortSignal.abort());
    await expect(packing).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(existsSync(at('gone', 'brain.mar'))).toBe(false);
  });

  it('writes the entries of an Eisen archive with the manifest last', async () => {
    const { code } = await run({
      ...basic(),
      metadata: at('metadata.json'),
      preProcessing: at('chain.json'),
      exportPath: at('a'),
    });
    expect(code).toBe(0);
    const archive = await openArchive(at('a', 'brain.mar'));
    const names = archive.entries.map((entry) => entry.name);
    const expected = ['model.onnx', 'metadata.json', 'pre_process_tform.json', 'post_process_tform.json'];
    for (const name of [...expected, 'eisen_deploy_handler.py', 'MAR-INF/MODEL.cdx.json'])
      expect(names).toContain(name);
    expect(names.slice(-2)).toEqual(['MAR-INF/INTEGRITY.json', 'MAR-INF/MANIFEST.json']);
    expect(Buffer.from(await archive.readEntry('model.onnx')).equals(readFileSync(at('m.onnx')))).toBe(true);
    expect(JSON.parse(Buffer.from(await archive.readEntry('metadata.json')).toString())).toEqual(METADATA);
    expect(archive.manifest).toMatchObject({
      createdOn: '01/01/1980 00:00:00',
      runtime: 'python',
      model: {
        modelName: 'brain',
        serializedFile: 'model.onnx',
        handler: 'eisen_deploy_handler.py',
        modelVersion: '1.0',
      },
    });
  });

  it('takes inputs and outputs from the graph when no metadata is given', async () => {
    await run({ ...basic(), exportPath: at('b') });
    const archive = await openArchive(at('b', 'brain.mar'));
    const metadata = JSON.parse(Buffer.from(await archive.readEntry('metadata.json')).toString());
    expect(metadata.inputs).toEqual([{ name: 'image', type: 'ndarray', shape: [-1, 1, -1, -1, -1], dtype: 'float32' }]);
  });

  it('gives big weights an entry of their own that can be mapped', async () => {
    put('big.onnx', addModel(5_000_000));
    await run({ ...basic(), model: at('big.onnx'), exportPath: at('c') });
    const archive = await openArchive(at('c', 'brain.mar'));
    expect(archive.locateEntry('weights.bin')).toMatchObject({ bytes: 20_000_000 });
    expect(archive.locateEntry('weights.bin')!.offset % 4096).toBe(0);
    expect(archive.entries.find((entry) => entry.name === 'model.onnx')!.bytes).toBeLessThan(1000);
    expect((await run({ check: at('c', 'brain.mar') })).code).toBe(0);
  });

  it.each<[string, Partial<PackageCommandOptions>, string]>([
    ['a model that is no ONNX', { model: 'handler.py' }, 'ONNX_INVALID'],
    ['a model that is not there', { model: 'nowhere.onnx' }, 'FILE_NOT_FOUND'],
    ['metadata that is no JSON', { metadata: 'handler.py' }, 'JSON_INVALID'],
    ['a chain with an unknown transform', { preProcessing: 'typo.json' }, 'TRANSFORM_UNKNOWN'],
    ['a chain that leaves nothing for the model', { preProcessing: 'lost.json' }, 'PACKAGE_UNFIT'],
    ['metadata of another model', { metadata: 'other.json' }, 'PACKAGE_UNFIT'],
    ['a graph that the engine refuses', { model: 'broken.onnx' }, 'MODEL_LOAD_FAILED'],
    ['a name that leaves the folder', { modelName: '../x' }, 'USAGE'],
    ['an unknown format', { archiveFormat: 'rar' }, 'USAGE'],
    ['no version', { version: undefined }, 'USAGE'],
    ['flags of both kinds', { serializedFile: 'm.onnx' }, 'USAGE'],
    ['an extra file that is not there', { extraFiles: 'nowhere.txt' }, 'FILE_NOT_FOUND'],
    ['a date that is none', {}, 'USAGE'],
  ])('refuses %s before it writes a byte', async (title, options, code) => {
    put('typo.json', JSON.stringify([{ type: 'FilterField', params: {} }]));
    put('lost.json', JSON.stringify([{ type: 'RenameFields', params: { fields: ['image'], new_fields: ['scan'] } }]));
    put('other.json', JSON.stringify({ ...METADATA, model_input_list: ['t1', 't2'] }));
    const broken = Buffer.from(identityModel());
    broken.write('Idontexi', broken.indexOf('Identity'));
    put('broken.onnx', broken);
    const located = Object.fromEntries(
      Object.entries(options).map(([key, value]) => [
        key,
        typeof value === 'string' && /\.\w+$/.test(value) ? at(value) : value,
      ]),
    );
    const env: Record<string, string> = title === 'a date that is none' ? { SOURCE_DATE_EPOCH: 'today' } : {};
    await expect(run({ ...basic(), exportPath: at('never'), ...located }, env)).rejects.toMatchObject({ code });
    expect(existsSync(at('never'))).toBe(false);
  });
});

describe('package --handler', () => {
  it('makes the archive of a Python handler, without any model of ours', async () => {
    put('weights.pt', 'not looked at');
    await run({
      modelName: 'noop',
      version: '2',
      handler: at('handler.py:handle'),
      serializedFile: at('weights.pt'),
      exportPath: at('d'),
    });
    const archive = await openArchive(at('d', 'noop.mar'));
    expect(archive.entries.map((entry) => entry.name)).toEqual([
      'handler.py',
      'weights.pt',
      'MAR-INF/INTEGRITY.json',
      'MAR-INF/MANIFEST.json',
    ]);
    expect(archive.manifest!.model).toEqual({
      modelName: 'noop',
      serializedFile: 'weights.pt',
      handler: 'handler.py:handle',
      modelVersion: '2',
    });
  });

  it('dates the manifest by SOURCE_DATE_EPOCH', async () => {
    await run(
      { modelName: 'dated', version: '1', handler: 'image_classifier', exportPath: at('d') },
      { SOURCE_DATE_EPOCH: '1700000000' },
    );
    expect((await openArchive(at('d', 'dated.mar'))).manifest!.createdOn).toBe('14/11/2023 22:13:20');
  });

  it('says that a file is in the way unless --force is given', async () => {
    const options = { modelName: 'again', version: '1', handler: 'base_handler', exportPath: at('d') };
    await run(options);
    await expect(run(options)).rejects.toThrow(/already exists\.\nPlease specify --force\/-f option to overwrite/);
    const { stderr } = await run({ ...options, force: true });
    expect(stderr).toContain(`Overwriting ${at('d', 'again.mar')} ...`);
  });
});

describe('package --check', () => {
  it('names each entry of a whole archive', async () => {
    await run({ ...basic(), exportPath: at('e') });
    expect(JSON.parse((await run({ check: at('e', 'brain.mar'), json: true })).stdout)).toMatchObject({
      isSealed: true,
      isOnnx: true,
      format: 'zip',
    });
    const { code, stdout } = await run({ check: at('e', 'brain.mar') });
    expect(code).toBe(0);
    expect(stdout).toMatch(/model\.onnx +\d+ +[0-9a-f]{16} +ONNX model/);
  });

  it('ends with exit code 4 and the code when a bit has changed', async () => {
    await run({ ...basic(), exportPath: at('f') });
    const bytes = readFileSync(at('f', 'brain.mar'));
    bytes[bytes.indexOf('metadata.json') + 20]! ^= 1;
    put('flipped.mar', bytes);
    const { code, stdout } = await run({ check: at('flipped.mar'), json: true });
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({ code: expect.stringMatching(/^MAR_/) });
  });

  it('leaves the folder as it was', async () => {
    const before = readdirSync(folder);
    await run({ check: at('flipped.mar') });
    expect(readdirSync(folder)).toEqual(before);
  });
});
