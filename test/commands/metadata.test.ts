import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { metadataCommand } from '../../src/commands/metadata.js';
import { inferMetadata } from '../../src/core/metadata/infer-metadata.js';
import { readOnnxGraph } from '../../src/core/onnx/read-graph.js';
import { EisenServingMAR } from '../../src/core/packaging/eisen-serving-mar.js';
import { recordOutput } from '../support/record-output.js';
import { createScratchFolder } from '../support/scratch-folder.js';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const BRAIN = path.join(ROOT, 'fixtures', 'models', 'brain-tissue.onnx');
const folder = createScratchFolder();
const place = (name: string, text: string | Uint8Array): string => {
  writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
};
/** The first field of a NIfTI-1 header is its length, 348. */
const VOLUME = Buffer.concat([Buffer.of(0x5c, 1, 0, 0), Buffer.alloc(4000, 3)]);
const NOISE = Buffer.concat([VOLUME, randomBytes(8000)]);
const nothing = { action: 'create', input: [], output: [], modelInput: [], modelOutput: [] } as const;

describe('metadata create', () => {
  it('reads the demo model: names, dtypes, shapes and free axes', async () => {
    const { output, stdout } = recordOutput({ json: true });
    expect(await metadataCommand({ ...nothing, from: BRAIN }, output)).toBe(0);
    expect(JSON.parse(stdout())).toEqual({
      inputs: [{ name: 'image', type: 'ndarray', shape: [-1, 1, -1, -1, -1], dtype: 'float32' }],
      outputs: [{ name: 'prediction', type: 'ndarray', shape: [-1, 4, -1, -1, -1], dtype: 'float32' }],
      model_input_list: ['image'],
      model_output_list: ['prediction'],
      custom: {},
    });
  });

  it('writes a file, does not overwrite it unasked, and overwrites it with --force', async () => {
    const out = path.join(folder, 'created.json');
    const { output, stdout, stderr } = recordOutput();
    const options = { ...nothing, input: ['a:ndarray:-1,2'], output: ['b:str'], custom: '{"by":"me"}', out };
    await metadataCommand(options, output);
    expect(stdout()).toBe('');
    expect(stderr()).toBe(`${out}: 1 input(s), 1 output(s)\n`);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({
      inputs: [{ name: 'a', type: 'ndarray', shape: [-1, 2] }],
      outputs: [{ name: 'b', type: 'str', shape: [] }],
      model_input_list: ['a'],
      model_output_list: ['b'],
      custom: { by: 'me' },
    });
    await expect(metadataCommand(options, output)).rejects.toMatchObject({ code: 'FILE_EXISTS', exitCode: 2 });
    await metadataCommand({ ...options, force: true, modelInput: ['made'], modelOutput: ['raw'] }, output);
    const lists = JSON.parse(readFileSync(out, 'utf8')) as Record<string, unknown>;
    expect([lists['model_input_list'], lists['model_output_list']]).toEqual([['made'], ['raw']]);
  });

  it('does not add an input that the graph does not have without a word', async () => {
    const { output, stderr } = recordOutput({ json: true });
    await metadataCommand({ ...nothing, from: BRAIN, input: ['imge:nifti:-1,-1,-1'] }, output);
    expect(stderr()).toContain(
      "WARNING - --input imge: the graph has no such input, it has image; added beside it, as a field of a chain. Did you mean 'image'?",
    );
    const quiet = recordOutput({ json: true });
    await metadataCommand({ ...nothing, from: BRAIN, input: ['image:nifti:-1,-1,-1'] }, quiet.output);
    expect(quiet.stderr()).toBe('');
  });

  it('lets descriptions, lists and custom data win over the graph', async () => {
    const { output, stdout } = recordOutput({ json: true });
    const custom = `@${place('custom.json', '{"site":3}')}`;
    await metadataCommand(
      { ...nothing, from: BRAIN, input: ['image:nifti:-1,-1,-1'], modelOutput: ['prediction'], custom },
      output,
    );
    expect(JSON.parse(stdout())).toMatchObject({
      inputs: [{ name: 'image', type: 'nifti', shape: [-1, -1, -1] }],
      model_input_list: ['image'],
      model_output_list: ['prediction'],
      custom: { site: 3 },
    });
  });

  it.each([
    ['nothing described', {}, 'USAGE'],
    ['a description that is none', { input: ['image'] }, 'USAGE'],
    ['a shape that is none', { input: ['a:ndarray:1,,2'] }, 'USAGE'],
    ['an unknown type', { input: ['a:tensr:1'] }, 'METADATA_INVALID'],
    ['custom data that is no object', { input: ['a:str'], custom: '[1]' }, 'USAGE'],
    ['custom data that is no JSON', { input: ['a:str'], custom: '{' }, 'JSON_INVALID'],
    ['a missing custom file', { input: ['a:str'], custom: '@/no/such' }, 'FILE_NOT_FOUND'],
    ['a missing model', { from: '/no/such.onnx' }, 'FILE_NOT_FOUND'],
    ['a model that is none', { from: path.join(ROOT, 'package.json') }, 'ONNX_INVALID'],
  ])('refuses %s', async (_what, options, code) => {
    await expect(metadataCommand({ ...nothing, ...options }, recordOutput().output)).rejects.toMatchObject({ code });
  });
});

describe('metadata show', () => {
  it('shows a graph as a table', async () => {
    const { output, stdout } = recordOutput();
    await metadataCommand({ action: 'show', source: BRAIN }, output);
    expect(stdout()).toMatch(/ONNX opset \d+, \d+ nodes, made by pytorch/);
    expect(stdout()).toMatch(/^input +image +ndarray +float32 +\[\?, 1, \?, \?, \?\] +of the model$/m);
  });

  it('shows a metadata.json, fields of the chain beside those of the model', async () => {
    const source = place(
      'show.json',
      '{"inputs":[{"name":"a","type":"str","shape":null}],"outputs":[],"model_input_list":["b"],"custom":{"by":"\\u001b[2J"}}',
    );
    const { output, stdout } = recordOutput();
    await metadataCommand({ action: 'show', source }, output);
    expect(stdout()).toMatch(/^input +a +str +of the chain only$/m);
    expect(stdout()).toMatch(/^input +b +of the model only$/m);
    expect(stdout()).not.toContain('\u001b');
  });

  it('shows what a server says, found by the address alone', async () => {
    const server = http.createServer((request, response) => {
      if (request.url === '/models?limit=100') response.end('{"models":[{"modelName":"m"}]}');
      else response.end('{"inputs":[],"outputs":[]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { output, stdout } = recordOutput({ json: true });
    await metadataCommand({ action: 'show', source: origin }, output);
    server.close();
    expect(JSON.parse(stdout())).toEqual({
      kind: 'server',
      source: `${origin}/predictions/m`,
      metadata: { inputs: [], outputs: [] },
    });
  });

  it('refuses a file that is none of them', async () => {
    await expect(
      metadataCommand({ action: 'show', source: place('x.txt', 'hello') }, recordOutput().output),
    ).rejects.toMatchObject({ code: 'ONNX_INVALID' });
  });
});

describe('an archive', () => {
  const pack = async (): Promise<string> => {
    const metadata = inferMetadata(readOnnxGraph(readFileSync(BRAIN)));
    const target = mkdtempSync(path.join(folder, 'mar-'));
    return (await new EisenServingMAR([], [], metadata).pack(BRAIN, target, 'brain', '1.0')).path;
  };

  it('is shown entry by entry, with size, hash and what it is, and with its metadata', async () => {
    const source = await pack();
    const { output, stdout } = recordOutput();
    await metadataCommand({ action: 'show', source }, output);
    expect(stdout()).toMatch(/^brain 1.0; every entry agrees with its SHA-256$/m);
    expect(stdout()).toMatch(/^model.onnx +1.8 MB +[0-9a-f]{16} +\S/m);
    expect(stdout()).toMatch(/^output +prediction +ndarray/m);
  });

  it('is shown with its chains, one line a step, and as JSON with every parameter', async () => {
    const chains = ['pre', 'post'].map((part) =>
      JSON.parse(readFileSync(path.join(ROOT, 'fixtures', 'chains', `brain-${part}.json`), 'utf8')),
    );
    const metadata = inferMetadata(readOnnxGraph(readFileSync(BRAIN)));
    const target = mkdtempSync(path.join(folder, 'mar-'));
    const { path: source } = await new EisenServingMAR(chains[0], chains[1], metadata).pack(BRAIN, target, 'b', '1');
    const table = recordOutput();
    await metadataCommand({ action: 'show', source }, table.output);
    expect(table.stdout()).toMatch(/^pre-processing +transform +fields +parameters$/m);
    expect(table.stdout()).toMatch(/^0 +LoadImage +image$/m);
    expect(table.stdout()).toMatch(/^2 +Spacing +image +pixdim=\[1,1,1\] mode="linear"$/m);
    expect(table.stdout()).toMatch(/^3 +Argmax +prediction +axis=0 dtype="uint8"$/m);
    const json = recordOutput({ json: true });
    await metadataCommand({ action: 'show', source, json: true }, json.output);
    expect((JSON.parse(json.stdout()) as { chains: unknown }).chains).toEqual({ pre: chains[0], post: chains[1] });
  });

  it('without chains shows none', async () => {
    const { output, stdout } = recordOutput();
    await metadataCommand({ action: 'show', source: await pack() }, output);
    expect(stdout()).not.toMatch(/^pre-processing/m);
  });

  it('is valid when it is whole, and names its code when it is not', async () => {
    const source = await pack();
    const good = recordOutput();
    expect(await metadataCommand({ action: 'validate', source }, good.output)).toBe(0);
    const bytes = readFileSync(source);
    bytes[bytes.length >> 1]! ^= 0xff;
    writeFileSync(source, bytes);
    const bad = recordOutput({ json: true });
    expect(await metadataCommand({ action: 'validate', source }, bad.output)).toBe(4);
    const { problems } = JSON.parse(bad.stdout()) as { problems: { code: string }[] };
    expect(problems.map(({ code }) => code)).toEqual([expect.stringMatching(/^MAR_/)]);
  });
});

describe('metadata validate', () => {
  it('says that a valid one is valid, exit code 0', async () => {
    const { output, stdout } = recordOutput();
    const source = place('good.json', '{"inputs":[],"outputs":[]}');
    expect(await metadataCommand({ action: 'validate', source }, output)).toBe(0);
    expect(stdout()).toBe(`${source}: valid\n`);
  });

  it('names all problems at once with pointer, expected and found, exit code 4', async () => {
    const { output, stdout } = recordOutput({ json: true });
    const source = place('bad.json', '{"inputs":[{"name":"a","type":"ndaray","shape":[0]}]}');
    expect(await metadataCommand({ action: 'validate', source }, output)).toBe(4);
    const { valid, problems } = JSON.parse(stdout()) as { valid: boolean; problems: Record<string, string>[] };
    expect(valid).toBe(false);
    expect(problems.map(({ pointer, found, hint }) => [pointer, found, hint])).toEqual([
      ['/inputs/0/type', '"ndaray"', "Did you mean 'ndarray'?"],
      ['/inputs/0/shape/0', '0', undefined],
      ['/outputs', 'nothing', undefined],
    ]);
    expect(problems.every(({ expected }) => typeof expected === 'string' && expected !== '')).toBe(true);
  });

  it.each([
    ['no JSON', '{"inputs":', 'odd.json:1:11: the text ends; expected a value.'],
    ['a key named twice', '{"inputs":[],"inputs":[],"outputs":[]}', 'inputs'],
  ])('reports %s as a problem', async (_what, text, message) => {
    const { output, stdout } = recordOutput();
    expect(await metadataCommand({ action: 'validate', source: place('odd.json', text) }, output)).toBe(4);
    expect(stdout()).toContain(message);
  });

  it.each([
    ['a gzipped volume', 'v.nii.gz', gzipSync(VOLUME), 'but a gzip file that holds a NIfTI volume; expected a tar.'],
    ['a gzipped volume that is cut off', 'c.nii.gz', gzipSync(NOISE).subarray(0, 3000), 'that holds a NIfTI volume'],
    ['a volume', 'v.nii', VOLUME, 'neither a metadata.json nor an archive but a NIfTI volume.'],
    ['a graph', 'm.onnx', readFileSync(BRAIN), 'neither a metadata.json nor an archive but an ONNX model.'],
  ])('calls %s what it is', async (_what, name, bytes, message) => {
    const { output, stdout } = recordOutput();
    expect(await metadataCommand({ action: 'validate', source: place(name, bytes) }, output)).toBe(4);
    expect(stdout()).toContain(message);
  });

  it('refuses a missing file and a huge one', async () => {
    const run = (source: string) => metadataCommand({ action: 'validate', source }, recordOutput().output);
    await expect(run(path.join(folder, 'none.json'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(run(place('huge.json', ' '.repeat(1024 * 1024 + 1)))).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
  });
});
