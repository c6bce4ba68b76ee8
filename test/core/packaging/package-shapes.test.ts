import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { inferMetadata } from '../../../src/core/metadata/infer-metadata.js';
import type { Metadata } from '../../../src/core/metadata/metadata.js';
import { readOnnxGraph } from '../../../src/core/onnx/read-graph.js';
import { checkPackage } from '../../../src/core/packaging/check-package.js';
import { parseChain } from '../../../src/core/transforms/chain.js';
import { encodeTinyModel } from '../../support/tiny-onnx.js';

const FIXTURES = path.resolve(import.meta.dirname, '..', '..', '..', '..', 'fixtures', 'chains');
const readChainFile = (name: string): Step[] => JSON.parse(readFileSync(path.join(FIXTURES, name), 'utf8')) as Step[];
interface Step {
  readonly type: string;
  readonly params?: object;
}

/** [batch, 1, x, y, z] in, [batch, 4, x, y, z] out: as the demo model. */
const GRAPH = readOnnxGraph(
  encodeTinyModel({
    inputs: [{ name: 'image', shape: ['batch', 1, 'x', 'y', 'z'] }],
    outputs: [{ name: 'prediction', shape: ['batch', 4, 'x', 'y', 'z'] }],
    nodes: [{ op: 'Conv', inputs: ['image'], outputs: ['prediction'] }],
  }),
);
const PRE = readChainFile('brain-pre.json');
const POST = readChainFile('brain-post.json');
const without = (chain: Step[], type: string): Step[] => chain.filter((step) => step.type !== type);
const on = (type: string, params: object = {}, field = 'image'): Step => ({
  type,
  params: { fields: [field], ...params },
});
const described = (type: string, input: number[], output = input): Metadata => ({
  inputs: [{ name: 'image', type, shape: input }],
  outputs: [{ name: 'prediction', type, shape: output }],
});

function check(pre: readonly Step[], post: readonly Step[], metadata: Metadata = inferMetadata(GRAPH)) {
  const parts = { pre: parseChain(pre, 'pre.json', 'pre'), post: parseChain(post, 'post.json', 'post') };
  const { problems, warnings } = checkPackage({ graph: GRAPH, metadata, ...parts });
  return {
    warnings,
    problems: problems.map(({ document, code, pointer, message }) => `${document} ${code} ${pointer} ${message}`),
    hints: problems.map(({ hint }) => hint),
  };
}

describe('a package whose shapes fit is accepted without a word:', () => {
  it.each<[string, Step[], Step[], Metadata]>([
    ['the demo with the metadata of its graph', PRE, POST, inferMetadata(GRAPH)],
    ['the demo with metadata of its own', PRE, POST, described('nifti', [-1, -1, -1])],
    [
      'arrays of the declared shape',
      [on('AddChannelDimension'), on('AddBatchDimension')],
      [],
      described('ndarray', [-1, -1, -1], [-1, 4, -1, -1, -1]),
    ],
    [
      'an .npy that has its channel',
      [on('LoadImage'), on('AddBatchDimension')].slice(1),
      [],
      described('nifti', [-1, -1, -1, -1]),
    ],
    [
      'the first volume of a series',
      [on('LoadImage'), on('SelectChannel', { axis: 3, index: 0 }), on('AddChannelDimension'), on('AddBatchDimension')],
      [],
      described('nifti', [-1, -1, -1, -1]),
    ],
    [
      'one channel stacked',
      [
        on('AddChannelDimension'),
        { type: 'StackImagesChannelwise', params: { fields: ['image'], dst_field: 'image' } },
      ],
      [],
      described('ndarray', [-1, -1, -1], [-1, 4, -1, -1, -1]),
    ],
  ])('%s', (_, pre, post, metadata) => {
    expect(check(pre, post, metadata)).toEqual({ problems: [], warnings: [], hints: [] });
  });
});

describe('a chain that cannot fit the model is refused before anything is written:', () => {
  it('AddBatchDimension was left out', () => {
    const { problems, hints } = check(without(PRE, 'AddBatchDimension'), POST);
    expect(problems).toEqual([
      "pre-processing CHAIN_INVALID  'image' has the shape [1, voxels, voxels, voxels] after the chain; the model takes [-1, 1, -1, -1, -1].",
    ]);
    expect(hints).toEqual(['Is AddBatchDimension missing at the end of the chain?']);
  });

  it('AddChannelDimension was left out', () => {
    expect(check(without(PRE, 'AddChannelDimension'), POST).problems).toHaveLength(1);
  });

  it('LoadImage was removed: what comes with a request knows no place', () => {
    const { problems, hints } = check(without(PRE, 'LoadImage'), POST);
    expect(problems[0]).toMatch(/^pre-processing GEOMETRY \/0 Orientation: field 'image' has no known geometry/);
    expect(hints[0]).toContain('put LoadImage before this step');
  });

  it.each<[string, Step[], string]>([
    ['Squeeze of an axis with four channels', [on('Squeeze', { axis: 1 }, 'prediction')], '/0'],
    ['Argmax along an axis that is not there', [on('Argmax', { axis: 5 }, 'prediction')], '/0'],
    [
      'Transpose of three axes',
      [on('Squeeze', { axis: 0 }, 'prediction'), on('Transpose', { axes: [2, 1, 0] }, 'prediction')],
      '/1',
    ],
  ])('%s', (_, post, pointer) => {
    expect(check(PRE, post).problems).toEqual([expect.stringContaining(`post-processing CHAIN_INVALID ${pointer} `)]);
  });

  it('a declared array whose axes the chain does not complete', () => {
    expect(check([on('AddChannelDimension')], [], described('ndarray', [-1, -1, -1])).problems).toHaveLength(1);
  });
});

describe('what is only likely is a warning:', () => {
  it('an image file that would need another axis; an .npy could have it', () => {
    const { problems, warnings } = check(
      [on('LoadImage'), on('Cast', { dtype: 'float32' }), on('AddChannelDimension')],
      [],
    );
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      expect.stringMatching(/most likely the shape \[1, voxels, voxels, voxels\].*AddBatchDimension missing/),
    ]);
  });

  it('axes added to an array that the metadata describes as the graph does', () => {
    const { problems, warnings } = check([on('AddBatchDimension')], []);
    expect(problems).toEqual([]);
    expect(warnings).toHaveLength(1);
  });

  it('a reply of another rank than its metadata promises', () => {
    const metadata = {
      ...inferMetadata(GRAPH),
      outputs: [{ name: 'prediction', type: 'ndarray', shape: [-1, -1, -1] }],
    };
    const { problems, warnings } = check(PRE, [on('Squeeze', { axis: 0 }, 'prediction')], metadata);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      "the metadata promises 'prediction' as [-1, -1, -1]; after post-processing it is [4, ?, ?, ?]",
    ]);
  });

  it('nothing, after a step of which the shape is not followed', () => {
    expect(check([on('LoadImage'), on('NiftiToNumpy'), on('RepeatTensor', { reps: [1, 1, 1] })], [])).toMatchObject({
      problems: [],
      warnings: [],
    });
  });
});

describe('channels looked for along the batch axis, which gives a label map of zeros, are a warning:', () => {
  const without0 = POST.filter(({ type }) => type !== 'Squeeze');
  const along = (type: string, axis: number): Step => on(type, { axis }, 'prediction');
  const squeezed = on('Squeeze', { axis: 0 }, 'prediction');

  it('once for the output, with both remedies', () => {
    expect(check(PRE, without0).warnings).toEqual([
      'post.json#/0 Softmax works along axis 0 of \'prediction\', the batch axis of the model\'s output [-1, 4, -1, -1, -1]. Put Squeeze with "axis": 0 before it, or give it "axis": 1.',
    ]);
  });

  it.each<[string, Step[]]>([
    ['Argmax', [along('Argmax', 0)]],
    ['an axis counted from the end', [along('Argmax', -5)]],
    ['RegionsToLabels', [on('RegionsToLabels', { axis: 0, order: [1] }, 'prediction')]],
  ])('%s', (_, post) => {
    expect(check(PRE, post).warnings).toEqual([expect.stringContaining('the batch axis of the model')]);
  });

  it.each<[string, Step[]]>([
    ['the channel axis is named', [along('Softmax', 1), along('Argmax', 1)]],
    ['the batch axis was taken away', [squeezed, along('Softmax', 0), along('Argmax', 0)]],
    ['one of the batch was selected', [on('SelectChannel', { axis: 0, index: 0 }, 'prediction'), along('Argmax', 0)]],
    ['axes were put in another order', [on('Transpose', { axes: [1, 0, 2, 3, 4] }, 'prediction'), along('Argmax', 0)]],
    ['nothing reads channels', []],
  ])('but not when %s', (_, post) => {
    expect(check(PRE, post).warnings).toEqual([]);
  });
});

describe('a model of pictures', () => {
  const graph = (channels: number) =>
    readOnnxGraph(
      encodeTinyModel({
        inputs: [{ name: 'xray', shape: ['batch', channels, 'rows', 'columns'] }],
        outputs: [{ name: 'scores', shape: ['batch', 2] }],
        nodes: [{ op: 'Conv', inputs: ['xray'], outputs: ['scores'] }],
      }),
    );
  const grey = [on('LoadImage', {}, 'xray'), on('ZScore', {}, 'xray'), on('AddChannelDimension', {}, 'xray')];
  const checkPicture = (channels: number, pre: readonly Step[]) => {
    const parts = { pre: parseChain(pre, 'pre.json', 'pre'), post: parseChain([], 'post.json', 'post') };
    const found = graph(channels);
    return checkPackage({ graph: found, metadata: inferMetadata(found), ...parts });
  };

  it.each<[string, number, Step[]]>([
    ['a grey picture', 1, [...grey, on('AddBatchDimension', {}, 'xray')]],
    [
      'a grey picture of another size',
      1,
      [...grey, on('Resize', { size: [64, 64] }, 'xray'), on('AddBatchDimension', {}, 'xray')],
    ],
    [
      'a coloured one',
      3,
      [grey[0]!, on('Transpose', { axes: [2, 0, 1] }, 'xray'), on('AddBatchDimension', {}, 'xray')],
    ],
  ])('is packaged without a false alarm: %s', (_, channels, pre) => {
    expect(checkPicture(channels, pre)).toEqual({ problems: [], warnings: [] });
  });

  it('still is warned of a step that no picture can do without', () => {
    expect(checkPicture(1, [grey[0]!]).warnings).toEqual([expect.stringContaining('most likely')]);
  });

  it('is refused a chain that only volumes pass', () => {
    const placed = [grey[0]!, on('Spacing', { pixdim: [1, 1, 1] }, 'xray'), ...grey.slice(1)];
    const { problems } = checkPicture(1, [...placed, on('AddBatchDimension', {}, 'xray')]);
    expect(problems.map(({ code }) => code)).toEqual(['CHAIN_INVALID']);
  });
});

describe('an input declared as an array while the chain reads a file there', () => {
  const array = described('ndarray', [-1, -1, -1], [-1, 4, -1, -1, -1]);

  it('is a warning with the command that declares it right', () => {
    const { problems, warnings } = check(PRE, [], array);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      expect.stringMatching(/'image' as ndarray, but LoadImage .* metadata create .*--input image:nifti:-1,-1,-1/),
    ]);
  });

  it.each<[string, Step[], Metadata]>([
    ['it is declared as a file', PRE, described('nifti', [-1, -1, -1], [-1, 4, -1, -1, -1])],
    ['the description was copied from the graph', PRE, inferMetadata(GRAPH)],
    ['no step reads a file', [on('AddChannelDimension'), on('AddBatchDimension')], array],
  ])('is none when %s', (_, pre, metadata) => {
    expect(check(pre, [], metadata).warnings).toEqual([]);
  });
});
