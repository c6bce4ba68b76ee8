import { describe, expect, it } from '@jest/globals';
import { checkMetadata } from '../../../src/core/metadata/check-metadata.js';
import { parseMetadataValue } from '../../../src/core/metadata/parse-metadata.js';

const image = { name: 'image', type: 'ndarray', shape: [-1, 1, 8, 8] };

describe('checkMetadata finds nothing wrong with', () => {
  it.each<[string, unknown]>([
    ['empty lists', { inputs: [], outputs: [] }],
    ['unknown keys everywhere', { inputs: [{ ...image, units: 'HU' }], outputs: [], licence: 'MIT', custom: 7 }],
    ['a text without a shape', { inputs: [{ name: 'a', type: 'str' }], outputs: [] }],
    ['a text whose shape is null', { inputs: [{ name: 'a', type: 'str', shape: null }], outputs: [] }],
    ['a list whose shape is one length', { inputs: [{ name: 'a', type: 'list', shape: 4 }], outputs: [] }],
    ['a scalar', { inputs: [{ ...image, shape: [] }], outputs: [] }],
    [
      'names that only a chain makes',
      { inputs: [image], outputs: [], model_input_list: ['made'], model_output_list: ['x'] },
    ],
    ...['ndarray', 'np.ndarray', 'nd.array', 'str', 'list', 'json', 'nifti', 'dicom', 'image'].map(
      (type): [string, unknown] => [`the type ${type}`, { inputs: [{ ...image, type }], outputs: [] }],
    ),
  ])('%s', (_what, json) => {
    expect(checkMetadata(json)).toEqual([]);
  });
});

describe('checkMetadata points at', () => {
  it.each<[string, unknown, string[]]>([
    ['a document that is no object', [1], ['']],
    ['missing lists', {}, ['/inputs', '/outputs']],
    ['an entry that is no object', { inputs: ['image'], outputs: [] }, ['/inputs/0']],
    ['a missing name', { inputs: [{ type: 'str' }], outputs: [] }, ['/inputs/0/name']],
    ['an empty name', { inputs: [{ ...image, name: '' }], outputs: [] }, ['/inputs/0/name']],
    ['an array without a shape', { inputs: [{ name: 'a', type: 'ndarray' }], outputs: [] }, ['/inputs/0/shape']],
    [
      'axes that are no lengths',
      { inputs: [{ ...image, shape: [0, -2, 1.5, '3', -1] }], outputs: [] },
      ['/inputs/0/shape/0', '/inputs/0/shape/1', '/inputs/0/shape/2', '/inputs/0/shape/3'],
    ],
    ['a name used twice', { inputs: [image, image], outputs: [] }, ['/inputs/1/name']],
    [
      'model lists that are no lists of names',
      { inputs: [], outputs: [], model_input_list: 'a', model_output_list: ['b', 'b', 3] },
      ['/model_input_list', '/model_output_list/1', '/model_output_list/2'],
    ],
    [
      'a text whose shape is neither a length nor free',
      { inputs: [{ name: 'a', type: 'str', shape: 'long' }], outputs: [] },
      ['/inputs/0/shape'],
    ],
    [
      'every problem at once',
      { inputs: [{ name: 3, type: 'tensr', shape: null }], outputs: 'none' },
      ['/inputs/0/name', '/inputs/0/type', '/inputs/0/shape', '/outputs'],
    ],
  ])('%s', (_what, json, pointers) => {
    expect(checkMetadata(json).map((problem) => problem.pointer)).toEqual(pointers);
  });

  it.each([
    ['array', 'ndarray'],
    ['numpy.ndarray', 'ndarray'],
    ['NIfTI', 'nifti'],
    ['string', 'str'],
    ['dycom', 'dicom'],
  ])('the unknown type %s and means %s', (type, meant) => {
    const [problem] = checkMetadata({ inputs: [{ ...image, type }], outputs: [] });
    expect(problem).toMatchObject({ pointer: '/inputs/0/type', found: `"${type}"`, hint: `Did you mean '${meant}'?` });
    expect(problem!.expected).toContain('nifti');
  });

  it('an unknown type without a guess when none is near', () => {
    const [problem] = checkMetadata({ inputs: [{ ...image, type: 'constructor' }], outputs: [] });
    expect(problem!.hint).toBeUndefined();
  });
});

describe('parseMetadataValue', () => {
  it('keeps unknown keys', () => {
    const json = { inputs: [image], outputs: [], note: { a: 1 } };
    expect(parseMetadataValue(json, 'metadata.json')).toEqual(json);
  });

  it('throws one error that lists every problem with file, pointer, found and expected', () => {
    const refuse = () => parseMetadataValue({ inputs: [{ ...image, shape: [0] }], outputs: 1 }, 'metadata.json');
    expect(refuse).toThrow(expect.objectContaining({ code: 'METADATA_INVALID', exitCode: 4 }));
    expect(refuse).toThrow(
      'metadata.json#/inputs/0/shape/0: found 0; expected a whole number from 1, or -1 for a free axis.\n' +
        'metadata.json#/outputs: found 1; expected a list of {name, type, shape}.',
    );
  });
});
