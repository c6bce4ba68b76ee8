import { describe, expect, it } from '@jest/globals';
import type { DType, TypedArray } from '../../../../src/core/tensor/dtype.js';
import { wrapNdArray } from '../../../../src/core/tensor/ndarray.js';
import { runOnImage } from '../../../support/run-steps.js';

const map = (params: Record<string, unknown>, dtype: DType, data: TypedArray) =>
  runOnImage([['MapLabels', params]], { kind: 'array', array: wrapNdArray(dtype, [data.length], data) });

describe('MapLabels', () => {
  it.each([
    ['a number above the range', { 1: 300 }, 'uint8', Uint8Array.of(0, 1), 'the label 300 does not fit into uint8'],
    ['a number below the range', { 2: -5 }, 'uint8', Uint8Array.of(0, 2), 'the label -5 does not fit into uint8'],
    ['a second label in a mask', { 1: 2 }, 'bool', Uint8Array.of(0, 1), 'the label 2 does not fit into bool'],
    ['a NaN that stays', { 1: 2 }, 'float32', Float32Array.of(Number.NaN), 'the label NaN does not fit into int32'],
    ['a float too large to stay', { 1: 2 }, 'float32', Float32Array.of(3e9), 'does not fit into int32'],
  ] as const)('refuses %s instead of wrapping it', async (_name, mapping, dtype, data, message) => {
    await expect(map({ mapping }, dtype, data)).rejects.toMatchObject({
      code: 'TRANSFORM_FAILED',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ['mapping', { mapping: { 1: 300 }, dtype: 'uint8' }, 'the label 300 does not fit into uint8'],
    ['default', { mapping: { 1: 3 }, default: -1, dtype: 'uint16' }, 'the label -1 does not fit into uint16'],
    ['mapping', { mapping: { one: 3 } }, "'one' is no label"],
  ])('refuses before it runs what its %s says', async (_name, params, message) => {
    await expect(map(params, 'uint8', Uint8Array.of(7))).rejects.toMatchObject({
      code: 'TRANSFORM_PARAM',
      message: expect.stringContaining(message),
    });
  });

  it('minds only the labels that are there, and a dtype that fits takes all', async () => {
    const mapping = { 1: 300, 2: -5 };
    const kept = await map({ mapping }, 'uint8', Uint8Array.of(0, 7, 255));
    expect([...kept.array.data]).toEqual([0, 7, 255]);
    const wide = await map({ mapping, dtype: 'int16' }, 'uint8', Uint8Array.of(1, 2, 3));
    expect([...wide.array.data]).toEqual([300, -5, 3]);
  });
});
