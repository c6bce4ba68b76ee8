import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readOnnxGraph } from '../../../src/core/onnx/read-graph.js';
import { createdOnFrom, renderCreatedOn } from '../../../src/core/packaging/created-on.js';
import { EisenServingMAR } from '../../../src/core/packaging/eisen-serving-mar.js';
import { resolveHandler } from '../../../src/core/packaging/handler-file.js';
import { readOnnxEntries } from '../../../src/core/packaging/onnx-entries.js';
import { renderProvenance } from '../../../src/core/packaging/provenance.js';
import { renderManifest } from '../../../src/core/packaging/render-manifest.js';
import { collectSample } from '../../../src/core/packaging/sample.js';
import { codeOf, codeOfAsync } from '../../support/codes.js';
import { createScratchFolder } from '../../support/scratch-folder.js';
import { encodeTinyModel, identityModel } from '../../support/tiny-onnx.js';

const folder = createScratchFolder();
const at = (...parts: string[]): string => path.join(folder, ...parts);

describe('the date of a manifest', () => {
  it('is 1980 unless SOURCE_DATE_EPOCH says otherwise', () => {
    expect(createdOnFrom({})).toBe('01/01/1980 00:00:00');
    expect(createdOnFrom({ SOURCE_DATE_EPOCH: '0' })).toBe('01/01/1970 00:00:00');
    expect(renderCreatedOn(new Date(Date.UTC(2026, 10, 22, 8, 5, 9)))).toBe('22/11/2026 08:05:09');
  });

  it.each(['now', '-1', '1.5', '999999999999'])('refuses SOURCE_DATE_EPOCH=%s', (value) => {
    expect(codeOf(() => createdOnFrom({ SOURCE_DATE_EPOCH: value }))).toBe('USAGE');
  });
});

describe('the manifest', () => {
  it('has the keys of the archiver in its order, in ASCII', () => {
    const text = renderManifest({
      createdOn: 'DATE',
      runtime: 'python',
      modelName: 'm',
      modelVersion: 'größe',
      configFile: 'c.yaml',
      requirementsFile: 'r.txt',
      modelFile: 'm.py',
      handler: 'h.py',
      serializedFile: 'm.pt',
    });
    const json = JSON.parse(text);
    expect(Object.keys(json)).toEqual(['createdOn', 'runtime', 'model', 'archiverVersion']);
    expect(Object.keys(json.model)).toEqual([
      'modelName',
      'serializedFile',
      'handler',
      'modelFile',
      'modelVersion',
      'requirementsFile',
      'configFile',
    ]);
    expect(text).toContain('"modelVersion": "gr\\u00f6\\u00dfe"');
    expect(text.endsWith('}')).toBe(true);
  });
});

describe('resolveHandler', () => {
  it.each([
    ['image_classifier', 'python', 'image_classifier', null],
    ['pkg/h.py', 'python', 'h.py', 'pkg/h.py'],
    ['pkg/h', 'python3', 'h', 'pkg/h.py'],
    ['pkg/h:fn', 'python', 'h:fn', 'pkg/h.py'],
    ['pkg/h.py:fn', 'python', 'h.py:fn', 'pkg/h.py'],
    ['BaseHandler', 'LSP', 'BaseHandler', null],
  ] as const)('%s for %s', (given, runtime, handler, file) => {
    expect(resolveHandler(given, runtime)).toEqual({ handler, file });
  });

  it('refuses a function of nothing', () => {
    expect(codeOf(() => resolveHandler(':fn', 'python'))).toBe('USAGE');
  });
});

describe('external data of a model', () => {
  function modelWith(location: string): string {
    const room = at(`ext-${Math.abs(location.length * 31 + location.charCodeAt(0))}-${location.replace(/\W/g, '_')}`);
    mkdirSync(room, { recursive: true });
    const external = { location, offset: '0', length: '8' };
    writeFileSync(
      path.join(room, 'm.onnx'),
      encodeTinyModel({ inputs: [], outputs: [], nodes: [], initializers: [{ name: 'w', dims: [2], external }] }),
    );
    return room;
  }

  it('comes along under its name', async () => {
    const room = modelWith('w.bin');
    writeFileSync(path.join(room, 'w.bin'), Buffer.alloc(8));
    const { entries } = await readOnnxEntries(path.join(room, 'm.onnx'));
    expect(entries.map((entry) => entry.name)).toEqual(['model.onnx', 'w.bin']);
  });

  it.each<[string, string, (room: string) => void]>([
    ['is not there', 'gone.bin', () => undefined],
    ['climbs out', '../../etc/passwd', () => undefined],
    ['is an absolute path', '/etc/passwd', () => undefined],
    ['is a symbolic link', 'link.bin', (room) => symlinkSync('/etc/passwd', path.join(room, 'link.bin'))],
    [
      'is a hard link',
      'hard.bin',
      (room) => {
        writeFileSync(path.join(room, 'real'), 'x');
        linkSync(path.join(room, 'real'), path.join(room, 'hard.bin'));
      },
    ],
    [
      'lies behind a linked folder',
      'sub/w.bin',
      (room) => {
        mkdirSync(path.join(room, 'elsewhere'));
        writeFileSync(path.join(room, 'elsewhere', 'w.bin'), 'x');
        symlinkSync('elsewhere', path.join(room, 'sub'));
      },
    ],
  ])('that %s is refused', async (_title, location, prepare) => {
    const room = modelWith(location);
    prepare(room);
    expect(await codeOfAsync(readOnnxEntries(path.join(room, 'm.onnx')))).toBe('ONNX_EXTERNAL');
  });

  it('needs the path of the model, not its bytes', async () => {
    const external = { location: 'w.bin' };
    const bytes = encodeTinyModel({
      inputs: [],
      outputs: [],
      nodes: [],
      initializers: [{ name: 'w', dims: [2], external }],
    });
    expect(await codeOfAsync(readOnnxEntries(bytes))).toBe('ONNX_EXTERNAL');
  });
});

describe('a sample', () => {
  it('is a folder with one request, and one reply unless that is to be recorded', async () => {
    mkdirSync(at('sample'));
    for (const name of ['input.nii.gz', 'expected.msgpack', 'README.md']) writeFileSync(at('sample', name), name);
    const { input, expected } = await collectSample(at('sample'));
    expect([input.name, expected?.name]).toEqual(['sample/input.nii.gz', 'sample/expected.msgpack']);
    rmSync(at('sample', 'expected.msgpack'));
    expect((await collectSample(at('sample'))).expected).toBeNull();
    writeFileSync(at('sample', 'input.json'), '{}');
    expect(await codeOfAsync(collectSample(at('sample')))).toBe('USAGE');
    expect(await codeOfAsync(collectSample(at('nowhere')))).toBe('USAGE');
  });
});

describe('the provenance of a model', () => {
  it('says what the graph and its makers say', () => {
    const text = renderProvenance({
      modelName: 'm',
      modelVersion: '1',
      graph: readOnnxGraph(identityModel()),
      license: 'CC-BY-4.0',
      author: 'A',
      trainingData: 'MNI152',
    });
    const { bomFormat, metadata } = JSON.parse(text);
    expect(bomFormat).toBe('CycloneDX');
    expect(metadata.component).toMatchObject({
      type: 'machine-learning-model',
      licenses: [{ expression: 'CC-BY-4.0' }],
      authors: [{ name: 'A' }],
      properties: expect.arrayContaining([{ name: 'onnx:opset:ai.onnx', value: '17' }]),
    });
  });

  it('keeps a licence that is no SPDX expression as a name', () => {
    const text = renderProvenance({
      modelName: 'm',
      modelVersion: '1',
      graph: readOnnxGraph(identityModel()),
      license: 'ask us first!',
    });
    expect(JSON.parse(text).metadata.component.licenses).toEqual([{ license: { name: 'ask us first!' } }]);
  });
});

describe('EisenServingMAR', () => {
  const metadata = {
    inputs: [{ name: 'image', type: 'ndarray', shape: [-1, 1, -1, -1, -1] }],
    outputs: [{ name: 'prediction', type: 'ndarray', shape: [-1, 1, -1, -1, -1] }],
  };

  it('packs a model into a folder that exists, once', async () => {
    const mar = new EisenServingMAR([], [], metadata);
    const packed = await mar.pack(identityModel(), folder, 'brain', '1.0');
    expect(packed.path).toBe(at('brain.mar'));
    expect(await codeOfAsync(mar.pack(identityModel(), folder, 'brain', '1.0'))).toBe('FILE_EXISTS');
    expect(await codeOfAsync(mar.pack(identityModel(), at('missing'), 'brain', '1.0'))).toBe('USAGE');
  });

  it('takes additional files and refuses chains and metadata that are none', async () => {
    writeFileSync(at('extra.txt'), 'x');
    const packed = await new EisenServingMAR([], [], metadata).pack(identityModel(), folder, 'more', 2, [
      at('extra.txt'),
    ]);
    expect(packed.entries.map((entry) => entry.name)).toContain('extra.txt');
    expect(codeOf(() => new EisenServingMAR('chain', [], metadata))).toBe('CHAIN_INVALID');
    expect(await codeOfAsync(new EisenServingMAR([], [], {}).pack(identityModel(), folder, 'bad', '1'))).toBe(
      'METADATA_INVALID',
    );
  });
});
