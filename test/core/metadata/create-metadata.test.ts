import { describe, expect, it } from '@jest/globals';
import { createMetadata } from '../../../src/core/metadata/create-metadata.js';

describe('createMetadata', () => {
  it('gives exactly the dictionary of the Python function, key order kept', () => {
    const metadata = createMetadata(
      ['image', 'age'],
      ['np.ndarray', 'list'],
      [[-1, 1, 64, 64], [1]],
      ['prediction'],
      ['np.ndarray'],
      [[-1, 2]],
      ['image'],
      ['logits'],
      { author: 'someone' },
    );
    expect(JSON.stringify(metadata)).toBe(
      '{"inputs":[{"name":"image","type":"np.ndarray","shape":[-1,1,64,64]},{"name":"age","type":"list","shape":[1]}],' +
        '"outputs":[{"name":"prediction","type":"np.ndarray","shape":[-1,2]}],' +
        '"model_input_list":["image"],"model_output_list":["logits"],"custom":{"author":"someone"}}',
    );
  });

  it('takes all names for the model and an empty custom part when they are left out', () => {
    const metadata = createMetadata(['a'], ['ndarray'], [[1]], ['b', 'c'], ['ndarray', 'str'], [[2], [1]]);
    expect(metadata.model_input_list).toEqual(['a']);
    expect(metadata.model_output_list).toEqual(['b', 'c']);
    expect(metadata.custom).toEqual({});
  });

  it('makes the legal empty metadata', () => {
    expect(JSON.stringify(createMetadata([], [], [], [], [], []))).toBe(
      '{"inputs":[],"outputs":[],"model_input_list":[],"model_output_list":[],"custom":{}}',
    );
  });

  it('shares nothing with its arguments', () => {
    const shape = [1, 2];
    const metadata = createMetadata(['a'], ['ndarray'], [shape], [], [], []);
    shape[0] = 9;
    expect(metadata.inputs[0]!.shape).toEqual([1, 2]);
  });

  it.each([
    [
      'inputs',
      () => createMetadata(['a', 'b'], ['ndarray'], [[1]], [], [], []),
      'inputs: 2 names, 1 types and 1 shapes',
    ],
    ['outputs', () => createMetadata([], [], [], ['a'], ['ndarray'], []), 'outputs: 1 names, 1 types and 0 shapes'],
  ])('refuses unequal lengths within the %s', (_what, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'METADATA_INVALID' }));
  });
});
