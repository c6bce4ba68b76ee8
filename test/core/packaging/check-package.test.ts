import { describe, expect, it } from '@jest/globals';
import type { Metadata } from '../../../src/core/metadata/metadata.js';
import { readOnnxGraph } from '../../../src/core/onnx/read-graph.js';
import { checkPackage } from '../../../src/core/packaging/check-package.js';
import { parseChain } from '../../../src/core/transforms/chain.js';
import { encodeTinyModel, identityModel } from '../../support/tiny-onnx.js';

const field = (name: string, shape: number[] = [-1, 1, -1, -1, -1]) => ({ name, type: 'ndarray', shape });
const METADATA: Metadata = {
  inputs: [field('image')],
  outputs: [field('prediction')],
  model_input_list: ['image'],
  model_output_list: ['prediction'],
};
const rename = (from: string, to: string) => ({ type: 'RenameFields', params: { fields: [from], new_fields: [to] } });

function check(metadata: Metadata, pre: unknown[] = [], post: unknown[] = [], model = identityModel()) {
  const { problems, warnings } = checkPackage({
    graph: readOnnxGraph(model),
    metadata,
    pre: parseChain(pre, 'pre', 'pre'),
    post: parseChain(post, 'post', 'post'),
  });
  return { problems: problems.map(({ document, code, pointer }) => [document, code, pointer].join(' ')), warnings };
}

describe('checkPackage', () => {
  it('finds nothing wrong with a package that fits', () => {
    expect(check(METADATA)).toEqual({ problems: [], warnings: [] });
    expect(check({ inputs: METADATA.inputs, outputs: METADATA.outputs })).toEqual({ problems: [], warnings: [] });
  });

  it('follows a field through both chains', () => {
    const metadata = { ...METADATA, inputs: [field('scan')], outputs: [field('labels')] };
    expect(check(metadata, [rename('scan', 'image')], [rename('prediction', 'labels')]).problems).toEqual([]);
    expect(check(metadata).problems).toEqual(['pre-processing FIELD_MISSING ', 'post-processing OUTPUT_MISSING ']);
  });

  it.each<[string, Metadata, string]>([
    [
      'an input that the graph does not have',
      { ...METADATA, model_input_list: ['image', 'mask'] },
      'metadata.json METADATA_INVALID /model_input_list',
    ],
    [
      'more outputs than the graph gives',
      { ...METADATA, model_output_list: ['prediction', 'more'] },
      'metadata.json METADATA_INVALID /model_output_list',
    ],
    [
      'another rank than the graph',
      { ...METADATA, inputs: [field('image', [-1, 1])] },
      'metadata.json METADATA_INVALID /inputs/0/shape',
    ],
    [
      'another fixed axis than the graph',
      { ...METADATA, inputs: [field('image', [-1, 3, -1, -1, -1])] },
      'metadata.json METADATA_INVALID /inputs/0/shape',
    ],
    [
      'an output that nobody makes',
      { ...METADATA, outputs: [field('prediction'), field('volume')] },
      'post-processing OUTPUT_MISSING ',
    ],
  ])('names %s', (_title, metadata, problem) => {
    expect(check(metadata).problems).toContain(problem);
  });

  it('names a field that a chain needs and does not get, with its place', () => {
    expect(check(METADATA, [rename('imgae', 'image')]).problems[0]).toBe('pre-processing FIELD_MISSING /0');
    expect(check(METADATA, [], [rename('predicted', 'x')]).problems[0]).toBe('post-processing FIELD_MISSING /0');
  });

  it('follows the declared shape through a chain that stands between', () => {
    const metadata = { ...METADATA, inputs: [field('image', [-1, -1, -1])] };
    const there = [rename('image', 'tmp'), rename('tmp', 'image')];
    expect(check(metadata, there).problems).toEqual(['pre-processing CHAIN_INVALID ']);
    const axes = ['AddChannelDimension', 'AddBatchDimension'].map((type) => ({ type, params: { fields: ['image'] } }));
    expect(check(metadata, [...there, ...axes]).problems).toEqual([]);
  });

  it('warns when inputs go by position, and when an input hides an output', () => {
    const byPosition = { ...METADATA, inputs: [field('scan')], model_input_list: ['scan'] };
    expect(check(byPosition)).toEqual({ problems: [], warnings: [expect.stringContaining('by position')] });
    const hidden = { ...METADATA, outputs: [field('image')], model_output_list: ['image'] };
    expect(check(hidden).warnings).toEqual([expect.stringContaining('is hidden by the input')]);
  });

  it('counts a missing input of a graph with two', () => {
    const shape = [1, 1];
    const model = encodeTinyModel({
      inputs: [
        { name: 't1', shape },
        { name: 't2', shape },
      ],
      outputs: [{ name: 'prediction', shape }],
      nodes: [{ op: 'Add', inputs: ['t1', 't2'], outputs: ['prediction'] }],
    });
    const metadata = { inputs: [field('t1', shape)], outputs: [field('prediction', shape)] };
    expect(check(metadata, [], [], model).problems).toEqual(['metadata.json METADATA_INVALID /inputs']);
  });
});
