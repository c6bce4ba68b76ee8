import { describe, expect, it } from '@jest/globals';
import type { DType } from '../../../src/core/tensor/dtype.js';
import { createNdArray } from '../../../src/core/tensor/ndarray.js';
import type { Affine, Fields, Value } from '../../../src/core/tensor/value.js';
import { parseChain } from '../../../src/core/transforms/chain.js';
import { followDType, TYPED_TRANSFORMS } from '../../../src/core/transforms/dtype-rules.js';
import { TRANSFORMS } from '../../../src/core/transforms/registry.js';
import { runChain } from '../../../src/core/transforms/run-chain.js';

const GRID: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const DTYPES: readonly DType[] = ['float16', 'float32', 'float64', 'uint8', 'int16', 'int32', 'bool'];
/** Parameters without which a transform says little, or which a rule reads; by default those of its example. */
const PARAMS: Readonly<Record<string, readonly object[]>> = {
  Squeeze: [{ axis: null }],
  MapValues: [{}, { channelwise: true }],
  MapLabels: [{ mapping: { 1: 2 } }, { mapping: { 1: 2 }, dtype: 'int32' }],
  RegionsToLabels: [{ order: [1, 2, 3] }, { order: [1, 2, 3], dtype: 'uint16' }],
  Threshold: [{ threshold: 0.5 }],
  SelectChannel: [{ index: 0 }],
  RestoreGeometry: ['auto', 'linear', 'nearest'].map((interpolation) => ({ interpolation })),
  WriteNifti: [{}, { dtype: 'int16' }],
  KeepLargestComponent: [{}],
  FillHoles: [{}],
};
/** The value that every case begins with: a ramp, on a grid of its own. */
function placed(dtype: DType): Value {
  const array = createNdArray(dtype, [3, 3, 3]);
  for (let n = 0; n < 27; n += 1) array.data[n] = (typeof array.data[n] === 'bigint' ? BigInt(n % 2) : n % 2) as never;
  const original = { shape: [4, 4, 4], affine: GRID, source: 'nifti' } as const;
  const affine: Affine = [1.25, 0, 0, 0.1, 0, 1.25, 0, 0, 0, 0, 1.25, 0, 0, 0, 0, 1];
  return { kind: 'array', array, geometry: { affine, spatialAxes: [0, 1, 2], original } };
}

async function dtypeAfter(type: string, params: object, dtype: DType): Promise<DType | 'refused'> {
  const chain = parseChain([{ type, params }], 'chain');
  const fields: Fields = new Map([['field', placed(dtype)]]);
  try {
    const value = (await runChain(chain, fields)).get('field');
    return value?.kind === 'array' || value?.kind === 'image' ? value.array.dtype : 'refused';
  } catch {
    return 'refused';
  }
}

const cases = TYPED_TRANSFORMS.flatMap((type) => {
  const example = TRANSFORMS.find(({ name }) => name === type)?.example ?? {};
  const { reference: _, ...rest } = example;
  return (PARAMS[type] ?? [rest]).map((params): [string, object] => [type, { ...params, fields: ['field'] }]);
});

describe('the rules of dtypes', () => {
  it('belong to transforms that there are, under the very name', () => {
    const names = TRANSFORMS.map(({ name }) => name);
    expect(TYPED_TRANSFORMS.filter((name) => !names.includes(name))).toEqual([]);
  });

  it.each(cases)('say of %s %j what it does to every dtype that it takes', async (type, params) => {
    const step = parseChain([{ type, params }], 'chain').steps[0]!;
    const found: [DType, DType | 'refused'][] = [];
    for (const dtype of DTYPES) found.push([dtype, await dtypeAfter(type, params, dtype)]);
    const taken = found.filter(([, after]) => after !== 'refused');
    expect(taken.length).toBeGreaterThan(0);
    for (const [dtype, after] of taken) {
      const told = followDType(type, step.params, dtype);
      expect([dtype, told ?? after]).toEqual([dtype, after]);
    }
    // A rule that never says anything would agree with everything.
    expect(taken.some(([dtype]) => followDType(type, step.params, dtype) !== undefined)).toBe(true);
  });

  it('say nothing of a transform that is not listed, nor of a dtype that is not known', () => {
    expect(followDType('RepeatTensor', {}, 'float32')).toBeUndefined();
    expect(followDType('Softmax', {}, undefined)).toBeUndefined();
  });
});
