import { describe, expect, it } from '@jest/globals';
import type { TensorDescription } from '../../../../src/core/metadata/metadata.js';
import { decodeInstances } from '../../../../src/core/model/codecs/kserve-v1.js';
import { wrapNdArray } from '../../../../src/core/tensor/ndarray.js';
import type { Fields, Value } from '../../../../src/core/tensor/value.js';

const A: TensorDescription = { name: 'a', type: 'ndarray', shape: [-1, 2] };
const B: TensorDescription = { name: 'b', type: 'ndarray', shape: [-1] };

const decode = (body: unknown, inputs = [A]) => decodeInstances(Buffer.from(JSON.stringify(body)), inputs);
const shapeOf = (fields: Fields, name: string): readonly number[] | undefined => {
  const value = fields.get(name);
  return value?.kind === 'array' ? value.array.shape : undefined;
};
const array = (shape: number[], ...data: number[]): Value => ({
  kind: 'array',
  array: wrapNdArray('float64', shape, new Float64Array(data)),
});

describe('instances', () => {
  it('are stacked along a first axis', () => {
    expect(
      shapeOf(
        decode({
          instances: [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
        }).fields,
        'a',
      ),
    ).toEqual([3, 2]);
  });

  it('may name their inputs', () => {
    const { fields } = decode(
      {
        instances: [
          { a: [1, 2], b: 7 },
          { a: [3, 4], b: 8 },
        ],
      },
      [A, B],
    );
    expect([shapeOf(fields, 'a'), shapeOf(fields, 'b')]).toEqual([[2, 2], [2]]);
  });

  it('that carry the batch axis come alone', () => {
    expect(
      shapeOf(
        decode({
          instances: [
            [
              [1, 2],
              [3, 4],
            ],
          ],
        }).fields,
        'a',
      ),
    ).toEqual([2, 2]);
    expect(() => decode({ instances: [[[1, 2]], [[3, 4]]] })).toThrow('one at a time');
  });

  it('may be a file in base64', () => {
    const scan: TensorDescription = { name: 'scan', type: 'nifti', shape: [-1, -1, -1] };
    for (const instance of [{ b64: 'AQI=' }, { scan: { b64: 'AQI=' } }]) {
      expect(decode({ instances: [instance] }, [scan]).fields.get('scan')).toMatchObject({
        kind: 'file',
        bytes: Buffer.from([1, 2]),
      });
    }
    expect(() => decode({ instances: [{ b64: 'AQI=' }, { b64: 'AQI=' }] }, [scan])).toThrow('one at a time');
  });

  it.each([
    [{}, 'needs "instances"'],
    [{ instances: [] }, 'needs "instances"'],
    [[], 'needs "instances"'],
    [{ instances: [{ c: 1 }] }, 'instance 0 has no a'],
    [{ instances: [1, 2] }, 'axes in an instance'],
    [{ instances: [[1, 2], [3]] }, 'not all of one length'],
  ])('%j are refused: %s', (body, reason) => expect(() => decode(body)).toThrow(reason));
});

describe('predictions', () => {
  const read = (body: unknown, outputs: Fields, inputs = [A]): unknown =>
    JSON.parse(Buffer.concat(decode(body, inputs).encode!(outputs).body).toString());

  it('are one an instance', () => {
    const outputs: Fields = new Map([['out', array([2, 2], 1, 2, 3, 4)]]);
    expect(
      read(
        {
          instances: [
            [1, 2],
            [3, 4],
          ],
        },
        outputs,
      ),
    ).toEqual({
      predictions: [
        [1, 2],
        [3, 4],
      ],
    });
  });

  it('name their outputs when there are several', () => {
    const outputs: Fields = new Map([
      ['x', array([2], 1, 2)],
      ['y', array([2], 3, 4)],
    ]);
    expect(
      read(
        {
          instances: [
            [1, 2],
            [3, 4],
          ],
        },
        outputs,
      ),
    ).toEqual({
      predictions: [
        { x: 1, y: 3 },
        { x: 2, y: 4 },
      ],
    });
  });

  it('of a single instance with its own batch axis are the whole output', () => {
    const outputs: Fields = new Map([['out', array([2, 1], 1, 2)]]);
    expect(
      read(
        {
          instances: [
            [
              [1, 2],
              [3, 4],
            ],
          ],
        },
        outputs,
      ),
    ).toEqual({ predictions: [[[1], [2]]] });
  });

  it('cannot be told apart when the output has no axis for them', () => {
    const outputs: Fields = new Map([['out', array([1], 1)]]);
    expect(() =>
      read(
        {
          instances: [
            [1, 2],
            [3, 4],
          ],
        },
        outputs,
      ),
    ).toThrow('send one at a time');
  });
});
