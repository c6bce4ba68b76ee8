import { describe, expect, it } from '@jest/globals';
import { checkMetadata } from '../../../src/core/metadata/check-metadata.js';
import { parseMetadataValue, parseWrittenMetadata } from '../../../src/core/metadata/parse-metadata.js';
import { reviewMetadata } from '../../../src/core/metadata/review-metadata.js';

const image = { name: 'image', type: 'ndarray', shape: [-1, 1, 8, 8] };
const withInput = (field: object) => ({ inputs: [{ ...image, ...field }], outputs: [] });

describe('metadata that somebody wrote', () => {
  it.each([
    ['float', 'float32'],
    ['torch.float', 'float32'],
    ['np.int15', 'int16'],
    ['double', 'float64'],
    ['Float32', 'float32'],
    ['flaot32', 'float32'],
  ])('has no dtype %s: %s was meant', (dtype, meant) => {
    expect(reviewMetadata(withInput({ dtype })).problems).toEqual([
      expect.objectContaining({
        code: 'METADATA_INVALID',
        pointer: '/inputs/0/dtype',
        found: `"${dtype}"`,
        hint: `Did you mean '${meant}'?`,
      }),
    ]);
  });

  it('has its dtypes told beside whatever else is wrong, and none is looked for where there are no fields', () => {
    const { problems } = reviewMetadata({ inputs: [{ ...image, shape: [0], dtype: 'f' }, null], outputs: 'none' });
    expect(problems.map(({ pointer }) => pointer)).toEqual([
      '/inputs/0/shape/0',
      '/inputs/1',
      '/outputs',
      '/inputs/0/dtype',
    ]);
    expect(reviewMetadata(null).problems).toHaveLength(1);
  });

  it('has no dtype that is no text, and then there is no guess', () => {
    const [problem] = reviewMetadata(withInput({ dtype: 32 })).problems;
    expect(problem).toMatchObject({ pointer: '/inputs/0/dtype', found: '32' });
    expect(problem!.hint).toBeUndefined();
  });

  it.each(['float16', 'bool', 'uint64', 'bfloat16', 'string', 'sequence'])('may have the dtype %s', (dtype) => {
    expect(reviewMetadata(withInput({ dtype }))).toEqual({ problems: [], slips: [], undeclared: [] });
  });

  it('is read from an archive or a reply whatever its dtypes are called', () => {
    expect(checkMetadata(withInput({ dtype: 'torch.float' }))).toEqual([]);
    expect(parseMetadataValue(withInput({ dtype: 'torch.float' }), 'reply')).toBeDefined();
    expect(() => parseWrittenMetadata(withInput({ dtype: 'torch.float' }), 'm.json', () => undefined)).toThrow(
      'm.json#/inputs/0/dtype: found "torch.float"; expected one of',
    );
  });

  it('keeps unknown keys, and a known one that is there is nobody else', () => {
    const { slips } = reviewMetadata({ ...withInput({ units: 'HU', types: 1 }), licence: 'MIT', output: [] });
    expect(slips).toEqual([]);
  });

  it('has misspelt keys pointed out', () => {
    const warned: string[] = [];
    const json = { inputs: [{ ...image, dtpye: 'int8' }], outputs: [], model_inputs_list: [] };
    parseWrittenMetadata(json, 'm.json', (line) => warned.push(line));
    expect(warned).toEqual([
      "m.json#/model_inputs_list: the key 'model_inputs_list' has no meaning here. Did you mean 'model_input_list'?",
      "m.json#/inputs/0/dtpye: the key 'dtpye' has no meaning here. Did you mean 'dtype'?",
    ]);
  });

  it('has names in its model lists pointed out that no field has', () => {
    const { undeclared } = reviewMetadata({
      ...withInput({}),
      model_input_list: ['image', 'imag'],
      model_output_list: ['logits'],
    });
    expect(undeclared.map(({ pointer, hint }) => [pointer, hint])).toEqual([
      ['/model_input_list/1', "Did you mean 'image'?"],
      ['/model_output_list/0', undefined],
    ]);
  });

  it('gets a hint where a key is missing and another nearly is it', () => {
    const { shape, ...rest } = image;
    const problems = checkMetadata({ inputs: [{ ...rest, shapes: shape }], output: [] });
    expect(problems.map(({ pointer, hint }) => [pointer, hint])).toEqual([
      ['/inputs/0/shape', "There is 'shapes': did you mean 'shape'?"],
      ['/outputs', "There is 'output': did you mean 'outputs'?"],
    ]);
  });
});
