import { describe, expect, it } from '@jest/globals';
import { inferMetadata } from '../../../src/core/metadata/infer-metadata.js';
import type { OnnxGraph, OnnxValue } from '../../../src/core/onnx/graph.js';

const value = (name: string, shape: number[] | null, dtype: OnnxValue['dtype'] = 'float32'): OnnxValue => ({
  name,
  dtype,
  onnxType: dtype ?? 'string',
  shape,
  symbols: (shape ?? []).map(() => null),
});

const graph = (inputs: OnnxValue[], outputs: OnnxValue[]): OnnxGraph => ({
  irVersion: 8,
  producer: '',
  producerVersion: '',
  graphName: '',
  opset: 17,
  opsets: [],
  domains: [],
  operators: [],
  nodeCount: 1,
  inputs,
  outputs,
  initializers: [],
  externalData: [],
  metadataProps: new Map(),
});

describe('metadata from a graph', () => {
  it('carries names, shapes with free axes, dtypes and the order of the model', () => {
    const metadata = inferMetadata(
      graph([value('b', [-1, 1, 8]), value('a', [], 'int64')], [value('y', [-1, 4], 'float16')]),
    );
    expect(JSON.stringify(metadata)).toBe(
      '{"inputs":[{"name":"b","type":"ndarray","shape":[-1,1,8],"dtype":"float32"},{"name":"a","type":"ndarray","shape":[],"dtype":"int64"}],' +
        '"outputs":[{"name":"y","type":"ndarray","shape":[-1,4],"dtype":"float16"}],' +
        '"model_input_list":["b","a"],"model_output_list":["y"],"custom":{}}',
    );
  });

  it('names an element type that is no dtype of ours in the words of ONNX', () => {
    expect(inferMetadata(graph([value('x', [1], null)], [])).inputs[0]!['dtype']).toBe('string');
  });

  it('lets a described field win over the graph and adds those that the graph does not know', () => {
    const image = { name: 'image', type: 'nifti', shape: [-1, -1, -1] };
    const note = { name: 'note', type: 'str', shape: [] };
    const metadata = inferMetadata(graph([value('image', null)], [value('y', [1])]), { inputs: [note, image] });
    expect(metadata.inputs).toEqual([image, note]);
    expect(metadata.model_input_list).toEqual(['image']);
  });

  it('refuses a field of unknown rank that nobody described', () => {
    expect(() => inferMetadata(graph([], [value('y', null)]))).toThrow(
      expect.objectContaining({ code: 'METADATA_INVALID', message: 'y: the graph does not say how many axes it has.' }),
    );
  });
});
