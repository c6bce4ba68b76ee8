import { describe, expect, it } from '@jest/globals';
import { type Batch, toFields } from '../../../src/core/client/batch.js';
import { checkInputs } from '../../../src/core/client/check-inputs.js';
import { createMetadata } from '../../../src/core/metadata/create-metadata.js';
import { createNdArray } from '../../../src/core/tensor/ndarray.js';

const check = (type: string, shape: unknown, batch: Batch): string[] => {
  const metadata = createMetadata(['x'], [type], [[]], [], [], []);
  const inputs = [{ ...metadata.inputs[0]!, shape: shape as number[] }];
  return checkInputs(toFields(batch), { ...metadata, inputs }).map(({ pointer, message }) => `${pointer}: ${message}`);
};
const zeros = (...shape: number[]) => createNdArray('float32', shape);

describe('inputs are accepted', () => {
  it.each<[string, string, unknown, Batch]>([
    ['an array of the shape', 'ndarray', [2, 3], { x: zeros(2, 3) }],
    ['any length along a free axis', 'np.ndarray', [-1, 3], { x: zeros(7, 3) }],
    ['a scalar', 'nd.array', [], { x: zeros() }],
    ['a list of the length', 'list', [2], { x: [1, 2] }],
    ['a list of any length', 'list', [-1], { x: [] }],
    ['a length that is one number', 'list', 3, { x: [1, 2, 3] }],
    ['a text of the length', 'str', [3], { x: 'abc' }],
    ['a text of any length', 'str', [], { x: 'abcdef' }],
    ['anything as json', 'json', [], { x: { a: [1] } }],
    ['the bytes of a file', 'nifti', [-1, -1, -1], { x: new Uint8Array(3) }],
  ])('%s', (_what, type, shape, batch) => {
    expect(check(type, shape, batch)).toEqual([]);
  });
});

describe('inputs are refused', () => {
  it.each<[string, string, unknown, Batch, string[]]>([
    [
      'axes swapped, though the product is equal',
      'ndarray',
      [2, 3],
      { x: zeros(3, 2) },
      ['/x: found 3; expected 2 along axis 0 ([2, 3]).', '/x: found 2; expected 3 along axis 1 ([2, 3]).'],
    ],
    ['another rank', 'ndarray', [2, 3], { x: zeros(6) }, ['/x: found 1 axes, [6]; expected 2 axes, [2, 3].']],
    [
      'a file for an array',
      'ndarray',
      [2],
      { x: new Uint8Array(1) },
      ['/x: found a file; expected an array of shape [2].'],
    ],
    ['an array for a file', 'dicom', [], { x: zeros(1) }, ['/x: found an array; expected the bytes of a dicom file.']],
    ['a list for a text', 'str', [], { x: [1] }, ['/x: found object; expected a str.']],
    ['a missing list', 'list', [1], { x: null }, ['/x: found null; expected a list.']],
    ['a list of another length', 'list', [2], { x: [1] }, ['/x: found length 1; expected a list of length 2.']],
    ['a missing field', 'str', [], {}, ['/x: found nothing; expected a value of this name.']],
    [
      'a field nobody declared',
      'str',
      [],
      { x: 'a', y: 1 },
      ['/y: found a field that the metadata does not name; expected only x.'],
    ],
    [
      'a misspelt field',
      'str',
      [],
      { X: 'a' },
      [
        '/x: found X; expected a value of this name.',
        '/X: found a field that the metadata does not name; expected only x.',
      ],
    ],
  ])('%s', (_what, type, shape, batch, problems) => {
    expect(check(type, shape, batch)).toEqual(problems);
  });
});

describe('a batch', () => {
  it('takes arrays with strides of their own, as long as they stay inside of the data', () => {
    const array = { dtype: 'int16', shape: [2, 3], strides: [1, 2], data: new Int16Array(6) } as const;
    expect(toFields({ x: array }).get('x')).toEqual({ kind: 'array', array: { ...array, offset: 0 } });
    for (const wrong of [
      { strides: [1, 3] },
      { strides: [-1, 2] },
      { offset: 1 },
      { strides: [1] },
      { strides: [0.5, 1] },
    ]) {
      expect(() => toFields({ x: { ...array, ...wrong } })).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
    }
  });

  it('may be a Map, whose order is kept', () => {
    expect([
      ...toFields(
        new Map([
          ['b', 1],
          ['a', 2],
        ]),
      ).keys(),
    ]).toEqual(['b', 'a']);
  });

  it.each<[string, unknown]>([
    ['a bare typed array', new Float32Array(2)],
    ['undefined', undefined],
    ['a function', () => 1],
  ])('refuses %s', (_what, value) => {
    expect(() => toFields({ x: value as number })).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });
});
